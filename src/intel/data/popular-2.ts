/** Part 2 of 4 of the most used sites, see `popular.ts`. Words of one list in alphabetical order. */
export const POPULAR_2 = `
dyndns.com dyndns.org dyndns.tv dynect.net dynu.com dyson.com dzcdn.net dzen.ru dzeninfra.ru dzexams.com dzinet.ru
dzone.com e-estekhdam.com e-hentai.org e-mark.nl e-msedge.net e-planning.net e-recht24.de e-volution.ai e.leclerc
e1.ru e2ro.com e5.sk e621.net ea.com eac-front.com eadaily.com eagleeyenetworks.com eagllwin.com earthlink.net
easebar.com easports.com eastmoney.com easy4ipcloud.com easybrain.com easydns.com easyjet.com easytrader.ir eater.com
eatingwell.com eaton.com ebalovo.xxx ebanx.com ebay.ca ebay.co.uk ebay.com ebay.com.au ebay.de ebay.es ebay.fr ebay.it
ebayimg.com ebayrtm.com ebaystatic.com ebscohost.com ebxcdn.com ec-lyon.fr ecdnx.com ecer.com echodnia.eu echosat.net
eci.gov.in eckwai.com eclipse.org ecnavi.jp ecnl.ru ecobee.com ecombdapi.com economictimes.com economist.com
ecopsy.com ecosia.org ecoticias.com ecukwai.com ecwid.com ed.ac.uk ed.gov edgecastcdn.net edgecastdns.net edgecdn.ru
edgecdn.world edgedns-tm.info edgedns.ru edgekey.net edgekey88.net edgesuite.net edmentum.com edmunds.com edna.ru
edu-servers.net edublogs.org educacao.sp.gov.br education.gouv.fr edx.org eenadu.net eeoc.gov eepurl.com eeroup.com
eexsync.com eff.org efortuna.pl egais.ru eghrmis.gov.my eghtesadonline.com egihosting.com egnyte.com ehow.com eia.gov
eiga.com eitaa.com eitaa.ir ekatox.com ekitan.com eksisozluk.com ekstrabladet.dk elastic-cloud.com elastic.co
elasticbeanstalk.com elbalad.news elcinema.com elcomercio.pe elconfidencial.com elcorreo.com elcorteingles.es
eldebate.com eldiario.es eleadcrm.com eleconomista.es electrodepot.fr elegantthemes.com elektra.mx elementor.com
elespanol.com elfinanciero.com.mx elfsight.com elifoaghaistou.com elintransigente.com elisa.fi elitebabes.com elle.com
elle.fr elliemae.io elmaz.com elmundo.es elnacional.cat elo7.com.br elong.com eloqua.com elpais.com elpais.com.uy
elpalaciodehierro.com elperiodico.com elschool.ru elsevier.com elstc.co elster.de eltiempo.com eltiempo.es
eluniversal.com.mx elwatannews.com emag.bg emag.hu emag.ro emailvision.net emaktab.uz emarketer.com emarsys.net
emb-api.com embedly.com emc.com emerald.com emgsound.ru emirates.com emlakjet.com emojipedia.org emol.com emory.edu
empik.com emptyhammock.com emulab.net emulatorgames.net emxdgt.com en25.com enabiz.gov.tr enable-javascript.com
encyclopedia.com endorphina.network energy.gov energystar.gov engadget.com engagelab.cc enikos.gr enjoei.com.br
enlightenment.org enpantallas.com enphaseenergy.com ensighten.com ensonhaber.com entekhab.ir entergy.com
entrepreneur.com entrust.net enuygun.com envato.com envato.market eodev.com eonline.com epa.gov epam.com epey.com
epfindia.gov.in epfl.ch epicentrk.ua epicgames.com epicgames.dev epicurious.com episerver.net eporner.com
eprocure.gov.bd equifax.com eredmenyek.com erne.co ero-video.net erome.com eroprofile.com eroterest.net erothots1.com
ertelecom.ru es.io esa.int esakal.com escapefromtarkov.com escort-advisor.com escort.club escortbabylon.net
escortsandbabes.com.au esecured.net eset.com esheaq.onl eskimi.com espacioapk.com espn.com espn.com.ar espn.com.br
espn.com.mx espn.com.ve espn.ph espncdn.com espncricinfo.com esportesdasorte.com espressif.com esquire.com esri.com
essentiallysports.com estadao.com.br estadiodeportivo.com esteri.it estrelabet.com esuteru.com esxdos.org etahub.com
etc.uz ethdisco.net ethereum.org etherscan.io ethz.ch etoland.co.kr etoote.com etoro.com etrade.com ets.org etsy.com
etsystatic.com ettdnsv.com eu-1-id5-sync.com eu.com eu.org eufylife.com eum-appdynamics.com euractiv.com
eurekalert.org euro-football.ru euro.com.pl euro777beer.com eurodns.com eurogamer.net eurogirlsescort.com euronews.com
europa.eu europapress.es europepmc.org eurosport.com eurosport.fr eurowine8.com ev2-msedge.net eventbrite.co.uk
eventbrite.com eventim.de everesttech.net evergage.com evernote.com everydayhealth.com evexxx.com evgnet.com
evidence.com evidon.com evo-games.com evotor.ru evri.com evvelcevap.com ew.com ewaybillgst.gov.in ewg.org ex.co
exacttarget.com examiner.com example.com example.org exblog.jp excellenth5game.com excite.co.jp exelator.com
exhentai.org exitgames.com exoclick.com exodus.io exp-tas.com expedia.com experian.com exponea.com exporntoons.net
express.co.uk express.de expressapisv2.net expressbydgoski.pl expressen.se expressvpn.com ext-twitch.tv extra.cz
extremereach.io ey.com eye4.cn eyeo.com eyeota.net ezoic.net ezoicns.com ezvizlife.com ezvizru.com f-secure.com
f-sos.net f12.bet f2pool.com f5.com f95zone.to faa.gov faberlic.com fabguys.com fabswingers.com facai88.club facct.ru
facebook-hardware.com facebook.com facebook.net faceit.com facemojikeyboard.com facepunch.com faceueditor.com
faipod.com fairyanime.net fakt.pl falabella.com falabella.com.co falabella.com.pe falconnet.app famatech.com
famethemes.com familyclub.jp familysearch.org famousbirthdays.com fanatics.com fanatik.ro fanbox.cc fandango.com
fandom.com fanduel.com fanfiction.net fanfox.net fanmtl.com fanpage.it fantacalcio.it fantia.jp fao.org fapello.com
faphouse.com fapnfuck.com faqs.org faradeed.ir fararu.com fardayetaze.ir fareharbor.com farfetch.com farlightgames.com
farming-simulator.com faroutmagazine.co.uk farpost.ru fas.org fast.com fastcgi.com fastclick.net fastcompany.com
fastdl.app fastly-edge.com fastly-insights.com fastly-masque.net fastly.net fastlydns.net fastlylb.net
fastvideosave.net fatalmodel.com fattoincasadabenedetta.it favbet.ua faz.net fazenda.gov.br fb-t-msedge.net fb.com
fb.me fb.watch fb7775.com fbcdn.net fbi.gov fbpigeon.com fbsbx.com fc2.com fcc.gov fcf.cat fcomet.com fda.gov fdic.gov
fdj.fr fdown.net fdownloader.net featureassets.org federalregister.gov federalreserve.gov fedex.com fedoraproject.org
fedra.info feedburner.com feedly.com feednews.com feishu.cn felenasoft.com felissimo.co.jp fema.gov femmeactuelle.fr
fengpongshu.com fetlife.com feverup.com fextok.com fextralife.com fhaccess.com ficbook.net fidelity.com fifa.com
figma.com fikfap.com filesusr.com filezilla-project.org filgoal.com filimo.com filmaffinity.com filmesporno.xxx
filmibeat.com filmix.fm filmstarts.de filmweb.pl filmyfly.durban filmyfly.rodeo filmyzilla.com.bo filmyzilla.com.cy
filmyzilla.com.fj fin.ag finam.ru financialexpress.com financialpost.com findagrave.com findlaw.com findmykids.org
fineartamerica.com finn.no finviz.com finya.de firebaseapp.com firebaseio.com fireeye.com firefox.com
fireoscaptiveportal.com firetvcaptiveportal.com firstbyte.club firstbytedns.net firstbytedns.ru firstpost.com
firstvds.ru fisglobal.com fitanalytics.com fitbit.com fitgirl-repacks.site fitorf.ru fiu.edu fivem.net fiverr.com
fivethirtyeight.com flashback.org flashscore.co flashscore.co.id flashscore.co.uk flashscore.co.za flashscore.com
flashscore.com.br flashscore.com.ng flashscore.com.tr flashscore.com.ua flashscore.com.ve flashscore.es flashscore.fr
flashscore.info flashscore.pl flashscore.pt flashscore.ro flashscore.sk flashscore.ua flashscorekz.com
flashtalking.com flat-ads.com flaticon.com flic.kr flickr.com flightaware.com flightradar24.com flightrising.com
flingo.tv flipboard.com fliphtml5.com flipkart.com flippingbook.com flipsnack.com flixcdn.com flo.com.tr flocktory.com
floors.dev flowermanga.net flurry.com fmb.la fmkorea.com fmovies.co fn-pz.com fnac.com fnn.jp focus-news.net focus.de
fogaonet.com fojik.com fojik.site fon.bet fontanka.ru fontawesome.com fonts.net food.com foodandwine.com
foodnetwork.com fool.com footballi.net footmercato.net footprint.net footprintdns.com forbes.com forbesjapan.com
force.com ford.com fordham.edu forebet.com foreca.fi foreignaffairs.com foreignpolicy.com foresee.com forever21.com
forexfactory.com forms.gle formstack.com formula1.com forocoches.com forrester.com forter.com forticloud.com
fortiddns.com fortinet.com fortinet.net fortnite.com fortnite.gg fortnitetracker.com fortune.com fotmob.com
fotogramas.es fotor.com fotostrana.ru found.io fourseasons.com foursquare.com fout.jp fox.com foxbusiness.com
foxit.com foxnews.com foxsports.com foxsports.com.mx foxweather.com fpjs.io fpo.xxx fr.de fractionfridgejudiciary.com
fragrancenet.com fragrantica.com frameo.net france.tv france24.com francebleu.fr francetravail.fr francetvinfo.fr
frandroid.com fraunhofer.de fravega.com free.fr freebit.net freebitco.in freebsd.org freecash.com freecodecamp.org
freedesktop.org freee.co.jp freefiremobile.com freegames.com freeip.com freeip.me freejobalert.com freelancer.com
freep.com freepik.com freepik.es freepornvideo.sex freeprivacypolicy.com freeservers.com freesexkahani.com freetds.org
freetype.org freevideo.cz freewebs.com freshchat.com freshdesk.com freshporno.net freshservice.com freshworks.com
freshworksapi.com friv.com frmdom.com frontapp.com frontiersin.org fsf.org fsiblog3.club fstr.rocks fsu.edu ft.com
ftc.gov ftc.ru fto.to ftstatic.com fu-berlin.de fubo.tv fuckmoral.com fudan.edu.cn fujitsu.com full-count.jp
fullhdfilmizlesene.de fullstory.com funda.nl funinexchange.com funnyjunk.com funpay.com funsdata.com fuq.com
furaffinity.net furusato-tax.jp fusionauth.io fussball.de fut.gg futbin.com futbol-11.com futbol24.com
futbolfantasy.com futurecdn.net futurelearn.com futurism.com fwdcdn.net fwmrm.net fws.gov fyber.com g.co g.page
g123.jp g2.com g2afse.com g4media.ro gaana.com gadsme.com gaijin.net gaijinent.com gainsightcloud.com gala.de gala.fr
galaxydata.ru galleryvalery.com galleryxh.life gallup.com gama.ir game-mode.net game-sdk.com game8.co game8.jp
gameanalytics.com gamebanana.com gameforge.com gameloft.com gameloop.com gamemania.co.ke gamepass.com gamer.com.tw
gamerant.com gamerxyt.com gameshop4u.com gamespot.com gamesradar.com gamestop.com gamewith.jp gamifyspace.com
gamingbible.com gamma.app gammaplatform.com ganamos.co gandi-ns.fr gandi.net gandul.ro gannett-dns.com gao.gov gap.com
gapcanada.ca garant.ru garena.com garenanow.com garmin.com garotacomlocal.com gartner.com gastecnologia.com.br gate.io
gatech.edu gauthmath.com gawker.com gay0day.com gayboystube.com gaymaletube.com gays-cruising.com gazeta.pl gazeta.ru
gazetawroclawska.pl gazprombank.ru gazzetta.gr gazzetta.it gbnews.com gbooking.ru gboxlab.com gccdn.net gcdn.co
gcloudcs.com gd34fdldh.xyz gda.pl gdemoideti.ru gdms.cloud gdtimg.com gdz-raketa.ru gdz.ru ge.com geeksforgeeks.org
geekwire.com geetest.com geforce.com geico.com gekso.com gekso.xyz gelbooru.com gelderlander.nl gemius.pl gencat.cat
gendai.media geneanet.org generatepress.com genius.com geny.com geo.tv geocaching.com geocities.com geocities.jp
geocomply.com geodns.me geoedge.be georgetown.edu geotrust.com gesetze-im-internet.de getadblock.com getbeamer.com
getblueshift.com getbootstrap.com getcomposer.org getcourse.ru getdropbox.com getepic.com getgo.com getgocdn.com
getgrass.io getgreenshot.org getjobber.com getmodsapk.com getpocket.com getpostman.com getpublica.com getresponse.com
getrushapp.com getsurrey.co.uk getty.edu gettyimages.com getui.com getyourguide.com gfx.ms ggbluefox.com
ggblueshark.com ggpht.com ghanaweb.com ghost.org ghostery.com ghostery.net giallozafferano.it giaoducthoidai.vn
giex.ru gifi.fr gifshow.com giga.chat giga.de gigaset-elements.com gigaset.net gigya.com gihc.net gimkit.com gimp.org
gimy.ai gingerall.com giphy.com girlschannel.net gismeteo.kz gismeteo.ru gist.build git-scm.com gitbook.com gitbook.io
gitee.com github.blog github.com github.io githubcopilot.com githubusercontent.com gitlab.com gitlab.io gitv.tv
gizmodo.com gjacky.com gjhyss.com gkg.net gksmdns.com gla.ac.uk glamour.com glance-cdn.com glance.net glanceapis.com
glassboxdigital.io glassdoor.co.in glassdoor.com glavcom.ua glavred.net glbimg.com gldn.net glip.com global-e.com
globalcdn.co globalnews.ca globalpay.com globalsign.com globalsign.net globaltimes.cn globe.com.ph globenewswire.com
globo.com gloswielkopolski.pl glpals.com glulive.com gm.com gmail.com gmarket.co.kr gmgn.ai gmru.net gmu.edu gmw.cn
gmx.net gn-dns.com gname-dns.com gnavi.co.jp gnome.org gnu.org go-manga.com go-mpulse.net go.com go.dev go2cloud.org
goal.com goal3.co gobankingrates.com gocomics.com goctruyentranhvui6.com godaddy.com godaddysites.com goethe.de
gofundme.com gog.com goguardian.com gohugo.io goibibo.com goindigo.in golang.org goldapple.ru goldbet.it
goldenfrog.com goldmansachs.com golux.com goo-net.com goo.gl goo.ne.jp goocheeglar.com goodhousekeeping.com
goodnovel.com goodoo.ru goodreads.com goodreturns.in goodrx.com goodsync.com googl.com google-analytics.com google.ad
google.ae google.al google.am google.as google.at google.az google.ba google.be google.bf google.bg google.bi
google.bj google.bs google.bt google.by google.ca google.cat google.cd google.cf google.cg google.ch google.ci
google.cl google.cm google.cn google.co.ao google.co.bw google.co.ck google.co.cr google.co.id google.co.il
google.co.in google.co.jp google.co.ke google.co.kr google.co.ls google.co.ma google.co.mz google.co.nz google.co.th
google.co.tz google.co.ug google.co.uk google.co.uz google.co.ve google.co.vi google.co.za google.co.zm google.co.zw
google.com google.com.af google.com.ag google.com.ai google.com.ar google.com.au google.com.bd google.com.bh
google.com.bn google.com.bo google.com.br google.com.bz google.com.co google.com.cu google.com.cy google.com.do
google.com.ec google.com.eg google.com.et google.com.fj google.com.gh google.com.gi google.com.gt google.com.hk
google.com.jm google.com.kh google.com.kw google.com.lb google.com.ly google.com.mm google.com.mt google.com.mx
google.com.my google.com.na google.com.nf google.com.ng google.com.ni google.com.np google.com.om google.com.pa
google.com.pe google.com.pg google.com.ph google.com.pk google.com.pr google.com.py google.com.qa google.com.sa
google.com.sb google.com.sg google.com.sl google.com.sv google.com.tj google.com.tr google.com.tw google.com.ua
google.com.uy google.com.vc google.com.vn google.cv google.cz google.de google.dj google.dk google.dm google.dz
google.ee google.es google.fi google.fm google.fr google.ga google.ge google.gg google.gl google.gm google.gp
google.gr google.gy google.hn google.hr google.ht google.hu google.ie google.im google.iq google.is google.it
google.je google.jo google.kg google.ki google.kz google.la google.li google.lk google.lt google.lu google.lv
google.md google.me google.mg google.mk google.ml google.mn google.ms google.mu google.mv google.mw google.ne
google.nl google.no google.nr google.nu google.org google.pl google.pn google.ps google.pt google.ro google.rs
google.ru google.rw google.sc google.se google.sh google.si google.sk google.sm google.sn google.so google.sr
google.st google.td google.tg google.tk google.tl google.tm google.tn google.to google.tt google.us google.vg
google.vu google.ws googleadservices.com googleapis.cn googleapis.com googleblog.com googlecode.com googledomains.com
googlehosted.com googlemail.com googleoptimize.com googlepages.com googlesyndication.com googletagmanager.com
googletagservices.com googleusercontent.com googlevideo.com googlezip.net googll.store goojara.to
goooooooooooooooooooooooooooooooooooooooooooooooooooooooooogle.com gopro.com goraggio.com gorgias.chat gos-gsp.io
gosexpod.com goskope.com gosquared.com gosuslugi.ru gotinder.com goto.com gotoassist.com gotomeeting.com
gotoresolve.com gotostage.com gotowebinar.com gounn.ru gov.ru gov.uz govdelivery.com govee.com govinfo.gov
gpcloudservice.com gpfans.com gpo.gov gpubgm.com gq.com grab-bat.net grab.com grabpay.com gracenote.com gradescope.com
gradient.network grafana.com grafana.net gramedia.com grammarly.com grammarly.io grammarly.net grammarlyaws.com
granbluefantasy.jp grandviewresearch.com grapee.jp gravatar.com gravitational.io gree-apps.net gree-pf.net gree.jp
gree.net greenend.org.uk greenhouse.io greenpeace.org grigorik.com grindr.com grofer.io groupon.com growthbook.io
groww.in grubhub.com gs.com gsa.gov gscdn.net gshifen.com gslb.com gslbjpmchase.com gsmarena.com gsp.ro gst.gov.in
gstatic.com gsu.edu gta.gov.zw gta5-mods.com gtimg.com gtld-servers.net gtld.biz gtm-a2b2.com gtranslate.net guard.io
guardian.co.uk guardingvision.com gucci.com guess.eu guidestar.org guim.co.uk guinnessworldrecords.com gulfnews.com
gumgum.com gumroad.com gumtree.com gunbroker.com gutefrage.net gutenberg.org guxidrookr.com guzelhosting.com gva.es
gvt1.com gvt2.com gvt3.com gwars.io gwu.edu gx.games gyakorikerdesek.hu gyazo.com gzip.org h2.bet h264.io haaretz.com
haber7.com haberler.com haberturk.com habr.com hackaday.com hackernoon.com hadronid.net halodoc.com halykbank.kz
hamariweb.com hamshahrionline.ir hamyar.in handelsblatt.com handle.net hani.co.kr hanime1.me hankyung.com hao123.com
haplat.net happymail.co.jp happymh.com happymod.com haproxy.com haproxy.org haproxyedge.net haraj.com.sa
harborfreight.com hardened-php.net haremaltin.com harimanga.me harman.com harpersbazaar.com harrahs.org harvard.edu
hashicorp.com hasil.gov.my hasznaltauto.hu hatena.ne.jp hatenablog.com hath.network haufe.io havadurumu15gunluk.xyz
haveibeenpwned.com hawaii.edu hawaii.gov haxx.se hayneedle.com hbo.com hbr.org hbs.edu hcaptcha.com hclips.com
hdfcbank.com hdfilmizle.to hdhindisex.com hdhub4u.capetown hdhub4u.earth hdporncomics.com hdpornfree.xxx
hdpornvideoindia.pro hdrezka.ag hdslb.com hdtodayz.to hdtube.porn he.net headspace.com healmate.jp health.com
health.gov health.mil healthcare.gov healthgrades.com healthline.com healthsherpa.com healthychildren.org heap-api.com
heapanalytics.com hearstapps.com heart.org heavy-r.com heise.de helium.io hello.porn hellomagazine.com helpguide.org
helpme.net helpshift.com helsinki.fi hema.nl hentai.name hentai20.io hentaicity.com hentaiera.com hentaifox.com
hentaihaven.xxx hentaiheroes.com hentaila.com hentaila.tv hentairead.com heovl.blog hepsiburada.com hepsiemlak.com
heraldo.es here.com hereapi.com heritage.org hermes.com herminahospitals.com heroeswm.ru heroku.com herokuapp.com
herokudns.com herzindagi.com hessen.de hetzner.com heute.at hexagon-analytics.com hextom.com hexun.com heylink.me
heytapdl.com heytapdownload.com heytapimg.com heytapmobi.com heytapmobile.com heyzine.com hgtv.com hh.ru hhf123dcd.com
hhs.gov hiaiabc.com hianime.to hibiny.ru hichina.com hicloud.com highwebmedia.com hihi2.com hihonor.com
hihonorcloud.com hik-connect.com hik-online.com hilton.com hindawi.com hindustantimes.com hinet.net hinet.net.vn
hisavana.com hismarttv.com histats.com history.com hitomi.la hitster.fm hitta.se hivebedrock.network hiyaapi.com
hjwzw.com hk01.com hkjc.com hku.hk hlebo.com hlebo.mobi hln.be hltv.org hm.com hmetro.com.my hna.de hobbylobby.com
hochi.news hoerzu.de hoes.tube hoidap247.com hola.com hola.org holahupa.com hollisterco.com hollywoodbets.net
hollywoodreporter.com home-assistant.io home.blog home.pl homeadvisor.com homecenter.com.co homedepot.ca homedepot.com
homedepot.com.mx homegate.ch homes.co.jp homes.com homestead.com honda.com honey.io honeygain.com honeywell.com
honor.com hoodamath.com hootsuite.com hopkinsmedicine.org hopto.org horoscope.com host-food.ru host900.com
hosted-by-discourse.com hostedemail.com hostedrmm.com hoster.kz hoster.ru hosteurope.de hostgator.com hostgator.com.br
hostgator.mx hostia.name hosting-srv.net hostinger.com hostingradio.ru hostpoint.ch hosttech.ch hot-sex-tube.com
hotels.com hotjar.com hotjar.io hotmail.com hotmart.com hotnews.ro hotornot.com hotpepper.jp hotstar.com hottopic.com
hotxv.com house.gov housecallpro.com housing.com houzz.com hover.com howstuffworks.com howtogeek.com hoyolab.com
hoyoverse.com hp.com hpdaas.com hpe.com hpeprint.com hph.co.ir hpsmart.com hqporn.xxx hqporner.com hqt0w.com
hrblock.com hrw.org hrzn-nxt.com hs-analytics.net hs-banner.com hs-scripts.com hs-sites.com hs.fi hsadspixel.net
hsbc.com hscollectedforms.net hse.ru hsex.men hsforms.com hsn.com hstgr.net html5up.net httpwg.org huan.tv huanqiu.com
huawei.com huawei.ru huaweicloud-dns.cn huaweicloud-dns.com huaweicloud.com hubapi.com hubble.in hubhc.com
hubpages.com hubspot.com hubspot.net hubspotemail.net hubspotpagebuilder.com hubspotusercontent-na1.net hud.gov
hudl.com huffingtonpost.co.uk huffingtonpost.com huffingtonpost.es huffingtonpost.jp huffpost.ca huffpost.com
hugedomains.com huggingface.co hulu.com hulustream.com humblebundle.com humeysha.com humoruniv.com huntress.io
hurriyet.com.tr huya.com huyamba.info hwcdn.ru hwg.org hxani.com hyatt.com hybrid.ai hyprmx.com hyundai.com
hzmklvdieo.com i-ready.com i18n-pglstatp.com iaagamego.com iaai.com iaea.org iam.gov.sa iamcook.ru iana.org
iastate.edu iata.org ib-game.jp ib-ibi.com ibb.co ibiblio.org ibm.com ibomma.day ibosscloud.com ibscorp.ru
ibtimes.co.uk ibtimes.com ibytedtos.com ibyteimg.com icanhazip.com icann.org icbc.com.cn icc-cricket.com ice.com
icicibank.com icicidirect.com icims.com icio.us icloud-content.com icloud.com icloud.com.cn icndns.net ico.org.uk
icons8.com icq.com icrc.org id5-sync.com idaho.gov idc.com idealista.com idealista.it idealista.pt idealmedia.io
idealo.de identrust.com idnes.cz idnscloud.com idntimes.com idokep.hu idos.cz idrive.com iea.org ieee.org
iefimerida.gr iesnare.com iess.gob.ec ietf.org ifconfig.co ifconfig.me ifeng.com ifilo.net ifixit.com ifood.com.br
ifood.tv ifortuna.sk ifttt.com ig.com.br igamecj.com ign.com igodigital.com igram.world igvita.com ihc.ru iheart.com
iherb.com ihg.com ihrhls.com iiko.it iinet.net.au iionads.com ijavhd.com ijg.org ikarem.io ikea.com ikman.lk ilbe.com
ilex.by ilfattoquotidiano.it ilgazzettino.it ilgiornale.it iliad.it illinois.edu illinois.gov illuminateed.com
illusionblack.com ilmessaggero.it ilmeteo.it ilo.org iloveimg.com ilovepdf.com ilpost.it ilsole24ore.com iltalehti.fi
im-apps.net imagefap.com imagemagick.com imagemagick.org images-amazon.com imageshack.com imageshack.us imagevenue.com
imcmdb.net imdb.com imf.org imgflip.com imgix.net imgsmail.ru imgsrc.ru imgur.com imhentai.xxx imkirh.com
immedia-semi.com immersivelabs.com immobiliare.it immobilienscout24.de immoweb.be immowelt.de immunet.com imo.im
imoim.net imolive2.com imotech.tech imovelweb.com.br impact.com impactcdn.com impactradius-event.com imperial.ac.uk
impervadns.net impervasecuredns.net impots.gouv.fr impress.co.jp impression.link imptracking.com imrworldwide.com
imtwjwoasak.com imunify360.com in.gov in.gr in.net in3x.net inbake.com inbox.lv inc.com incapdns.net incognia.com
incometax.gov.in indazn.com indeed.com indeed.net indeed.tech independent.co.uk independent.ie index.hr index.hu
indexww.com india.com indiamart.com indiamobiletube.com indiana.edu indianets.com indianexpress.com indianoil.in
indianrail.gov.in indiansexstories2.net indiapost.gov.in indiatimes.com indiatoday.in indiatv.in indiegogo.com
indiewire.com indosatooredoo.com indown.io indriverapp.com indystar.com inews.co.uk infobae.com infobip.com
infocyte.com infogram.com infojobs.net infolinks.com infomaniak.ch infomaniak.com infonline.de informer.com
informer.rs infoseek.co.jp infourok.ru infoworld.com infura-ipfs.io infura.io ingage.tech ingentaconnect.com
inkscape.org inkuai.com inleed.net inmobi-choice.io inmobi.com inmobicdn.net inmotionhosting.com inn.ru
inner-active.mobi innovid.com inps.it inpvp.net inquirer.com inquirer.net inria.fr insales.ru inscloudgate.net
insidehighered.com insider.com insightexpressai.com inss.gov.br insta-stories-viewer.com instabug.com instacart.com
instagram.com instana.io instant-gaming.com instapaper.com instiz.net instructables.com instructure.com instyle.com
insurads.com int08h.com intel.com intelbras.com.br intentiq.com interactgo.com intercom.com intercom.io
intercomcdn.com interfax.ru intergient.com interia.pl intermedia.net internet-measurement.com internetwarriors.net
intersport.fr intimissimi.com intlgame.com intsig.net intuit.com inven.co.kr inventos.ru inverse.com
investidor10.com.br investing.com investopedia.com investorgain.com investors.com invisalign.com invisioncic.com
inwporn.com inxxx.com ioam.de iobnet.co.in iocnt.net ioe.vn ioh.co.id iol.co.za iol.pt iolo.net ionos.com ionos.de
iop.org ioriveredge.net iosmirror.cc iotbing.com iotcplatform.com iowa.gov ip-api.com ip.tv ipcc.ch ipfs.io ipify.org
ipinfo.io iplanet.com iplt20.com iponweb.net iporntv.net ipredictive.com ipsos.com iptv2022.com ipv4only.arpa
ipvanish.com iq.com iqiyi.com iqm.com iqzone.com irancell.ir iranjib.ir iranlms.ir irctc.co.in irdeto.com
irecommend.ru irishtimes.com irna.ir irpowerweb.com irs.gov is.fi is.gd isaidub9.com isappcloud.com isc.org iseeme.com
isharing-gps.com isipp.com iskur.gov.tr islamweb.net isna.ir isnssdk.com iso.ch iso.org isolatedovercomepasted.com
ispconfig.org ispot.tv isprog.com israelhayom.co.il issuu.com istockphoto.com istoe.com.br itatiaia.com.br itau.com.br
itch.io itemsatis.com iterable.com itmedia.co.jp itorrents-igruha.org its.porn itsid.ru itsm365.com itsupport247.net
itu.int itunes.com itv.com iu.edu iubenda.com ivanti.com ivi.ru ivi.tv ivicdn.tv ivideon.com iwank.tv iwara.tv ix.ru
ixbt.com ixigo.com ixigua.com ixl.com ixxx.com izatcloud.net jable.tv jabra.com jadwalnonton.com jagex.com jagran.com
jagranjosh.com jal.co.jp jalan.net jalf.com jalopnik.com jamanetwork.com jamb.gov.ng jamfcloud.com jampp.com
jang.com.pk janitorai.com jansatta.com japanesebeauties.one japanpost.jp japantimes.co.jp jappy.com jav.guru java.com
java.net javatpoint.com javbus.com javdb.com javdock.com javgg.net javhd.today javhdporn.net javlibrary.com javsek.net
javtiful.com jawapos.com jaya9.app jbhifi.com.au jbl.com jbzd.com.pl jc-gs.com jcpenney.com jcplatform.dev jd.com
jdcache.com je-labs.com jedox.com jeetbuzz.com jenkins.io jetblue.com jetbrains.com jetpunk.com jetsmart.com
jeuxvideo.com jfrog.io jhkkjkj.com jhu.edu jianshu.com jiathis.com jigsawplanet.com jimdo.com jimdo.systems
jimdofree.com jimdosite.com jin115.com jino.ru jio.com jiocinema.com jiomart.com jiosaavn.com jisin.jp jitsi.net
jiveip.net jivo.ru jivosite.com jivox.com jjgirls.com jkanime.net jmty.jp jnj.com joann.com jobbase.io jofogas.hu
jogemoa.com johnlewis.com join.chat joinhoney.com joinmassive.com jomodns.com jooble.org joomla.org joporn.name
jorudan.co.jp josex1.name josporn.club jotform.com journaldemontreal.com journaldesfemmes.fr jovencitas.gratis
joyclub.de joyn.de jp.net jpmorgan.com jpmorganchase.com jpost.com jprime.jp jpush.cn jquery.com jra.go.jp jra.jp
js.org js7k.com jsdelivr.net jsfiddle.net jsmsat.com jsonline.com jst.go.jp jstor.org jtvnw.net judge.me judns.com
juegosonce.es jugantor.com juicyads.com jumpcloud.com juntadeandalucia.es jusbrasil.com.br just-eat.co.uk just-eat.com
justanswer.com justdial.com justgiving.com justhost.ru justia.com justice.gov justpaste.it justpremium.com
justwatch.com jut.su jutarnji.hr jw.org jwpcdn.com jwplatform.com jwplayer.com jwpltx.com jwpsrv.com k-manga.jp
k-msedge.net k8s.io kabum.com.br kabutan.jp kaercher.com kaggle.com kagoya.net kahoot.com kahoot.it
kaiserpermanente.org kakaku.com kakao.com kakuyomu.jp kaldagan.com kaliscan.com kaliscan.io kaltura.com
kaluga-poisk.ru kamababa.desi kameleoon.eu kamigame.jp kampyle.com kandji.io kanoon.ir kansascity.com kantotin.com
kaotic.com kaptcha.com kargo.com kariyer.net karlsruhe-insider.de karnataka.gov.in karo-pay.com karte.io kas-labs.com
kaspersky-labs.com kaspersky.com kaspi.kz kasserver.com kasta.ua kaufland.de kavak.com kayak.com kbb.com
kbz0pwvxmv.com kcl.ac.uk kde.org kdocs.cn kdreams.jp keenetic.io keenetic.link keenetic.pro keenetic.ru keepa.com
keirin.jp kemdikbud.go.id kemkes.go.id kemono.su kenh14.vn kennasecurity.com keplr.app kerala.gov.in kernel.org
ketqua04.net keydisk.ru kff.org kgns1.com kgslb.com khabaronline.ir khafan.net khaleejtimes.com khanacademy.org
khaosod.co.th khelo24bet.com kia.com kiabi.com kick.com kicker.de kickstarter.com kidsa-z.com kidshealth.org kijiji.ca
kikakuya.ne.jp kimovil.com king.com kinghost.com.br kingmods.net kingofshojo.com kingsgroupgames.com kinnser.net
kino-teatr.ru kinoafisha.info kinogo.ec kinogo.inc kinopoisk.ru kion.ru kirmalk.com kisskh.co kit.com kit.edu
kitapyurdu.com kkstories.com kkxxtt.com klarna.com klarna.net klarnaservices.com klaviyo.com klczy.com
kleinanzeigen.de kleinezeitung.at kleinisd.net klikbca.com klikpendidikan.id klix.ba klook.com kmart.com.au kmv.ru
knowbe4.com knowyourmeme.com knt9.xyz ko-fi.com kobo.com kochava.com kochglobalservices.com koctas.com.tr
kodik-storage.com kohls.com koiidns.com kolesa.kz kolkataff.in komect.com komiku.com komiku.id kommersant.ru
kompas.com kompoz2.com konami.net kone.com kontur.ru kooora.com korrespondent.net kosmo.com.my kotaku.com
kotsovolos.gr kp.ru kpmg.com kpn.net kqed.org kr-weathernews.com kraken.com kremlin.ru kriesi.at krikya.io krisha.kz
kroger.com krone.at krstarica.com krushmedia.com krx18.com krxd.net ks-cdn.com ksapisrv.com kskwai.com ksmobile.com
ksyna.net ksyuncdn.com ktalk.ru kth.se ktkjmp.com kto.com ku.dk ku.edu kuaishou.com kubernetes.io kucoin.com
kueezrtb.com kugou.com kuiniuca.com kuleuven.be kumparan.com kunasystems.com kundelik.kz kunlunaq.com kunluncan.com
kunlungr.com kunlunhuf.com kunlunsl.com kunlunso.com kunmanga.com kupi.cz kurashiru.com kurir.rs kurnik.pl
kuronekoyamato.co.jp kuruma-news.jp kustomerapp.com kuwo.cn kvint.io kwai-pro.com kwai.com kwai.net kwaicdn.com
kwaipros.com kwcdn.com kwikdns.com kwimgs.com kxcdn.com ky.gov kyoto-u.ac.jp kzgdz.com kzhi.tech l-cdn.com l-frii.com
l-msedge.net l-tike.com la.gov la.lv la7.it labanquepostale.fr lacentrale.fr lachainemeteo.com lacuarta.com
lacuerda.net ladbrokes.com ladepeche.fr ladesk.com ladies.de ladsp.com lagged.com lagradaonline.com lahuashanbx.com
lakakids.com lanacion.com.ar landsend.com languagetool.org languagetoolplus.com lanovels.net laodong.vn
lapalabradeldia.com laposte.fr lapresse.ca laracasts.com laravel-news.com laravel.com larazon.es laredoute.fr
larepublica.pe larkplayerapp.com last.fm lastampa.it lastpass.com latamairlines.com latercera.com latimes.com
launchdarkly.com launchpad.net lausd.net lavanguardia.com lavoixdunord.fr lavoz.com.ar lavozdegalicia.es law.com
lazada.co.id lazada.co.th lazada.com lazada.com.my lazada.com.ph lazada.sg lazada.vn lazybumblebee.com lbl.gov lc.chat
lcv.ne.jp leadsquared.com leagueofgraphs.com leagueoflegends.com leaktube.net learncbse.in leboncoin.fr
leckerschmecker.me lectormangaa.com lecturas.com ledauphine.com ledger.com leeds.ac.uk leercapitulo.co leetcode.com
lefigaro.fr lefties.com legacy.com legalzoom.com leggo.it legislation.gov.uk lego.com leiniao.com lekmanga.net
lemonde.fr lemonpi.io lencr.org lendingtree.com lenkino.love lenovo.com lenovo.com.cn lenovomm.com lenreg.ru lenta.com
lenta.ru lenta.tech leolist.cc leparisien.fr lepoint.fr leprogres.fr lequipe.fr leroymerlin.com leroymerlin.com.br
leroymerlin.es leroymerlin.fr leroymerlin.it leroymerlin.pl leroymerlin.pt lesechos.fr lesnumeriques.com
lespompeurs.com lesta.ru letelegramme.fr letmejerk.com letras.com letras.mus.br letsencrypt.org letsgomartin.com
letterboxd.com lettuceclub.net letu.ru levante-emv.com level3.net levi.com lexisnexis.com lexpress.fr lfhosting.com
lfscnp.com lfstrm.tv lg.co.kr lg.com lgappstv.com lgdacom.net lge.com lgsmartad.com lgthinq.com lgtvcommon.com
lgtviot.com lgtvsdp.com liadm.com libbyshelf.com liberation.fr libero.it liberoquotidiano.it libertatea.ro libpng.org
libramemoria.com librefutbol.su libreoffice.org libria.fun librus.pl libsyn.com licdn.com lichess.org licindia.in
lidl.com lidl.cz lidl.de lidl.es lidl.fr lidl.pl liebertpub.com life360.com lifeaiot.com lifehack.org lifehacker.com
lifehacker.ru lifeomic.com lifewire.com lifo.gr liftoff-creatives.io liftoff.io lightboxcdn.com lightnovelworld.co
lijit.com like-manga.net like-video.com like.video likee.com likee.video likeevideo.ru lilithgame.com lilly.com
limelight.pk limo.media lin.ee lindependant.fr line-apps.com line-scdn.net line.me linecorp.com linewize.net link.net
linke.ai linkedin.com linkplay.com linkr.bio linksynergy.com linksys.com linktr.ee linkvertise.com linode.com
linternaute.com lioden.com liputan6.com liquidweb.com liquipedia.net list-manage.com list-manage1.com list.am
listcrawler.eu listdl.com listrakbi.com liteapks.com literotica.com litgorod.ru litix.io litmarket.ru litnet.com
litres.ru live-kooora.com live-video.net live.com live.net liveabout.com livecamrips.su livechat.com
livechatenterprise.com livechatinc.com livedns.co.uk livedoor.com livedoor.jp livehindustan.com liveintent.com
liveinternet.ru livejournal.com livekit.cloud livemint.com liveperson.net liveramp.com liverpool.com.mx
liverpoolecho.co.uk livescience.com livescore.com livescore.in livesport.com livesport.cz livesports088.com
livestream.com livestrong.com livetex.ru liveworksheets.com lk21official.pics lkqd.net llbean.com llnw.net llnwd.net
llnwi.net lmco.com ln-msedge.net lne.es lngtd.com lnk.to lnkd.in lobstertube.com loc.gov localytics.com locanto.com.au
locanto.com.mx locanto.me locaweb.com.br loclipsex.net locum.ru lodz.pl loggly.com logi.com logicmonitor.com
`;
