/** Part 3 of 4 of the most used sites, see `popular.ts`. Words of one list in alphabetical order. */
export const POPULAR_3 = `
logicnow.us login.gov logitech.com logitech.io logitechg.com logmein.com loigiaihay.com lokmat.com loksatta.com
lolalytics.com lonelyplanet.com long.tv lookmovie2.to lookout-life.com lookout.com loom.com loopia.se loopme.me
looti.net looti.org lot-online.ru loteriasdominicanas.com loteriasyapuestas.es lothar.com lotterypost.com
lotterysambad.one lotterysambadresult.in lottomatica.it lottopcso.com louisvuitton.com louvre.fr love.ru love4porn.com
loveread.ec lowes.com lpsg.com lpsnmedia.net lrytas.lt lse.ac.uk lsfilter.com lsu.edu ltguevmavv.com ltmsphrcl.net
ltn.com.tw lto.gov.ph ltwebstatic.com lu.se lua.org lucky.net lufthansa.com lufthansaelearning.com lulu.com
lululemon.com lunalabs.io lura.live luticlip.com luxuretv.com lwsdns.com lww.com lxdns.com lxtgame.com lycos.com
lyft.com lyft.net lync.com lystit.com m.me m4uhd.tv m98.bet maariv.co.il mac.com macaro-ni.jp machotube.tv
mackolik.com macomnet.ru macromedia.com macromill.com macrumors.com mactelecom.net macworld.com macys.com
made-in-china.com madeiramadeira.com.br madisoft.it madrasati.sa maersk.com magazineluiza.com.br magazinevoce.com.br
magento.cloud magento.com magerta.ir magicbricks.com magnit.ru magonet.ru magsrv.com maharashtra.gov.in mail.com
mail.ru mailchi.mp mailchimp.com mailerlite.com mailgun.net mailinabox.email mailjet.com mailshell.net maine.gov
mainichi.jp maisonsdumonde.com makemytrip.com makeup.com.ua makeuseof.com malaysiakini.com malwarebytes.com
mamastar.jp mamba.ru mambu.com mamikos.com man7.org managed-vps.net manageengine.com manchester.ac.uk
manchestereveningnews.co.uk mandmdirect.com mandrillapp.com manga168.net manga18.club mangabat.com mangabuddy.com
mangabuff.ru mangadex.org mangafire.to mangago.me mangakakalot.com mangakimi.com mangaku.lat mangalib.me manganato.com
manganelo.com mangapark.io mangapark.net mangaread.org mangatoto.com mangatoto.net mangatoto.org mango-office.ru
mango.com mangosip.ru manhuagui.com manhuaplus.org manhuatop.org manhuaus.com manhwa-raw.com manhwaclan.com
manhwas.net manhwaweb.com manitu.net manomano.fr manoramaonline.com mantraonline.com manual.canon manualslib.com
manulife-sinochem.com manwa.me manyvids.com mapbox.com mapquest.com marca.com mariadb.org maricopa.gov
marinetraffic.com marketingcloudapis.com marketo.com marketo.net marketwatch.com markmonitor.com marksandspencer.com
markt.de marktplaats.nl marmiton.org marphezis.com marriott.com marthastewart.com marvel.com maryland.gov masa49.com
masafun.com mashable.com masrawy.com mass.gov massagerepublic.com masstamilan.dev mastercard.com masterclass.com
mastodon.social masutabe.info mat6tube.com matalan.co.uk match.com matchtv.ru mathplayground.com mathrubhumi.com
mathtag.com mathway.com mathworks.com matichon.co.th maticooads.com matillion.com matomo.cloud matomo.org matrix.org
matrp.ru mattel.com mattermost.com matterport.com maturetube.com maurices.com mawdoo3.com max.com maximum-status.com
maxmind.com maxpreps.com maybank2u.com.my mayoclinic.org maze.co mbcej.org mbdny.org mbeaj.org mbfpu.org mbga.jp
mbhiz.org mbimg.org mbl.is mbmyj.org mbopg.org mbqgu.org mbqtj.org mbrtz.org mbtba.org mbtmv.org mbuul.org mbwbm.org
mbwnp.org mbwww.org mbxma.org mbzcp.org mbznp.org mca.gov.in mcafee.com mcas.ms mcdonalds.co.jp mcdonalds.com
mcgill.ca mcgraw-hill.com mchs.ru mckinsey.com mcmaster.ca mcr-msedge.net mcusercontent.com mcwcasino.io mcx.ru
mdhv.io mdpi.com mdr.de mdzol.com me-qr.com me.com meb.gov.tr mechacomic.jp medallia.com medex.com.bd media-amazon.com
media.net media6degrees.com mediaexpert.pl mediafire.com mediago.io mediamarkt.de mediamarkt.es mediaplex.com
mediarithmics.com mediaset.it mediatek.com mediavine.com mediawallahscript.com mediawiki.org medicalnewstoday.com
medicalxpress.com medicare.gov medicinenet.com medium.com medlineplus.gov medonet.pl medrxiv.org medscape.com
medtronic.com medu.ir meesho.com meetcircle-netgear.co meethue.com meetme.com meetup.com mega.co.nz mega.nz megafon.ru
megagroup.ru meganameservers.eu megapath.com megapbx.ru megapersonals.eu megaphone.fm megatube.xxx megatv.com
megogo.net megoplan.ru meitu.com meituan.com meituan.net meitustat.com meizu.com melonstube.com memcached.org
memfault.com menards.com mendeley.com mendixcloud.com menlosecurity.com menshealth.com mentalfloss.com meraki.com
mercadolibre.cl mercadolibre.com mercadolibre.com.ar mercadolibre.com.co mercadolibre.com.mx mercadolibre.com.ve
mercadolivre.com mercadolivre.com.br mercadopago.com mercadopago.com.ar mercadopago.com.br mercantilbanco.com
mercari.com mercedes-benz.com merchant-center-analytics.goog merchantlink.com mercurynews.com merkur.de merlincdn.net
merriam-webster.com meshok.net messenger.com met.no meta.com metacritic.com metal-archives.com metamask.io meteo.gr
meteoblue.com meteociel.fr meteofor.com.ua meteofrance.com meteored.com.ar meteored.mx meteorf.ru methstreams.com
meti.go.jp metmuseum.org metoffice.gov.uk metro.co.uk metropoles.com metruyencv.com meutimao.com.br mexc.com
mfadsrvr.com mfms.ru mgeko.cc mgid.com mgm.gov.tr mgmresorts.com mgslb.com mgts.ru mgtv.com mheducation.com mhlw.go.jp
mhverifier.ru mi-dun.com mi-img.com mi.com miami.edu miamiherald.com micasino.com michaelkors.com michaels.com
michelin.com michigan.gov micpn.com microchip.com microfocus.com microsoft.com microsoft.us microsoft365.com
microsoftapp.net microsoftazuread-sso.com microsoftcasualgames.com microsoftonline.com microsoftpersonalcontent.com
microworkers.com midasbuy.com midasplayer.cloud midasplayer.net midea.com.cn midilibre.fr midjourney.com
mihanwebhost.com miibeian.gov.cn miit.gov.cn miitbeian.gov.cn mijia.tech mikrotik.com miku-doujin.com milanuncios.com
mileroticos.com milffox.com military.com milli.gold millipiyangoonline.com milliyet.com.tr mimecast.com mimecast.net
mindbodygreen.com mindbodyonline.com mindbox.ru mine.nu minecraft-services.net minecraft.net minecraftservices.com
minepi.com mingky.net minhngoc.net.vn miniclip.com miniclippt.com mintegral.com mintegral.net mintmanga.one minute.ly
minutemedia-prebid.com mipn-solutions.net miro.com mirror.co.uk mirtesen.ru missav.com missav123.com missena.io
missouri.edu missyusa.com mit.edu mitre.org miui.com miwifi.com mixcloud.com mixi.jp mixnews.lv mixpanel.com
mixputaria.com mizuhobank.co.jp mjedge.net mk.ru mktoresp.com ml.com ml314.com mlb.com mlit.go.jp mlive.com
mlookalporno.com mlookelporno.com mlstatic.com mmcdn.com mmechocaptiveportal.com mmstat.com mn.co mn.gov mnaspm.com
mncdn.com mnregaweb4.nic.in mo.gov moatads.com mob.com mobalytics.gg mobcup.fm mobfox.com mobile-tracker-free.com
mobile.de mobile01.com mobiledokan.co mobiledokan.com mobilefuse.com mobilegamestats.com mobileiron.com
mobilevikings.be mobilityware.com mobiusltd.com mobiuspace.net mobizil.com modland.net modsecurity.org modyolo.com
moe.gov.eg moe.gov.sa moe.video moengage.com mofa.go.jp mofa.gov.sa mohito.com mojang.com mojohost.com moloco.com
moma.org momentohq.com momon-ga.com momoshop.com.tw mona.co monash.edu monday.com monetate.net money.it money.pl
moneycontrol.com moneysupermarket.com mongodb.com mongodb.net monitordomercado.com.br monkeytype.com monopolygo.com
monotaro.com monsnode.com monster.com montevideo.com.uy moodle.com moodle.org mookie1.com moonactive.net moovitapp.com
moppy.jp morganstanley.com morningstar.com mos.ru mosmedzdrav.ru mosspf.com mossport.ru mossru.com mosyle.com
motherjones.com motherless.com motor1.com motorola.com motortrend.com mountain.com movavi.com moveaws.com movetv.com
moviead55.ru moviezwap.ceo moz.com mozaws.net mozgcp.net mozilla.com mozilla.net mozilla.org mozzartbet.co.ke
mp.gov.in mp3party.net mp4moviez.fund mp4moviez.tires mparticle.com mpg.de mps.gov.cn mpsuadv.ru mql5.com mradx.net
mrf.io mrtnsvr.com mrush.mobi msappproxy.net msauth.net msauthimages.net msdmanuals.com msdn.com msecnd.net msedge.net
msftauth.net msftauthimages.net msftconnecttest.com msftncsi.com msftstatic.com msi.com msidentity.com msk.ru msn.cn
msn.com msnbc.com msport.com mssm.edu mstar.com.my msu.edu msu.ru msvdn.net mtb.com mtgglobals.com mto.to mts.ru
mtu.ru mtv.com mtvuutiset.fi mudah.my mulesoft.com mullvad.net multiscreensite.com multporn.net mumsnet.com
mundodeportivo.com muni.cz musescore.com musicaldown.com musicdel.ir musics-fa.com musicza.co.za musinsa.com
musixmatch.com muumuu-domain.com mux.com muzofond.fm mvideo.ru mwbsys.com mxplayer.in mxpnl.com mxptint.net
my-best.com my-cima.net my-force-user-content.com my-lightning-container.com my-personaltrainer.it
my-salesforce-hub.com my.com my.games my.gov.ir myangular.life myanimelist.net mycdn.me mycima.cc mycloud.com
mydesi.sbs mydesi2.net mydlink.com mydnspt.net mydramalist.com myfitnesspal.com myflixerz.to myfritz.net
myftpupload.com myhentaigallery.com myherbalife.com myhostadmin.net myhuaweicloud.com myinsales.ru myinstants.com
mykhel.com mykronos.com mynavi.jp mynet.com mynetname.net myntra.com myon.com mypertamina.id mypinata.cloud
myportfolio.com mypurecloud.com myq-cloud.com myqcloud.com myreadingmanga.info myroute53.com mysecurecloudhost.com
myshopify.com myshopline.com myspace.com mysql.com mysterium.network mystrikingly.com myteksi.net mythad.com myvzw.com
myway.com myworkday.com myworkdayjobs.com mywot.com mzstatic.com n-able.com n-tv.de n11.com n1info.rs n2ch.net
nadex.com nag.ru nairaland.com naiwoalooca.net nakheelteam.cc nalog.ru namasha.com name-services.com name.com
namebright.com namebrightdns.com namecheap.com namecheaphosting.com namequery.com nameserver.vip nami.org namnak.com
namu.wiki nan-net.com nanocosmos.de nanoreview.net nap.edu naralsex.com narod.ru narrative.io narvar.com nasa.gov
nasdaq.com natalie.mu nate.com national-lottery.co.uk nationalacademies.org nationalarchives.gov.uk
nationalgeographic.com nationalgeographic.org nationalinterest.org nationalpost.com nationalreview.com nato.int
natura.com.br naturabuy.fr nature.com nature.org naukri.com naurok.com.ua navdmp.com naver.com naver.jp naviance.com
navitime.co.jp navy.mil navyfederal.org nazwa.pl nba.com nbc.com nbcnews.com nbcnewyork.com nbcsports.com nbcuni.com
nbcuott.com nber.org ncaa.com ncl.ac.uk ncore.pro ncsl.org ncsu.edu nd.edu ndcimgs.com ndcpp-os.com ndcpp.com ndm9.xyz
ndmais.com.br ndmdhs.com ndmsystems.com ndr.de ndtv.com ndtv.in nease.net nebo.mobi nefisyemektarifleri.com
neilpatel.com neimanmarcus.com nejm.org nekopoi.care nel.goog nelreports.net neopets.com nerdwallet.com nesine.com
nespresso.com nessus.org nest.com nestle.com net-empregos.com net-line.pro net.hr net.ru netangels.ru netdna-ssl.com
netease.com netflix.com netflix.net netgate.com netgear.com netis.cc netkeiba.com netlify.app netlify.com
netlifyglobalcdn.com netmagicians.com netmarble.com netnod.se netperf.org netscalergateway.net netscape.com
netshoes.com.br netsuite.com nettavisen.no nettiauto.com nettruyenviet.com nettruyenww.com netvigator.com
network-auth.com networkadvertising.org newatlas.com newcastle.edu.au newegg.com newgrounds.com newlook.com
newrelic.com newrepublic.com news-cdn.site news-medical.net news.cn news.com.au news.ru news102.ru news18.com
news24.com newsbeast.gr newsbomb.gr newsbreak.com newscientist.com newsday.com newsit.gr newsmax.com newspapers.com
newsroom.bi newstatesman.com newsweek.com newtoki.biz newyorker.com nexage.com nexon.com next.co.uk nextcloud.com
nextdns.io nextdoor.com nextersglobal.com nexthink.cloud nextlgsdp.com nextmillmedia.com nexusmods.com nezavisne.com
nfl.com nflshop.com nflxext.com nflximg.com nflximg.net nflxso.net nflxvideo.net nfpa.org nfse.gov.br ngenix.net
nghttp2.org nginx.com nginx.org ngl.link ngmcasino.com ngrok.com ngrok.io ngs.ru ngtv.io nguoiquansat.vn ngxcld.com
nhathuoclongchau.com.vn nhentai.net nhentai.to nheos.com nhk.jp nhk.or.jp nhl.com nhtsa.gov nianticlabs.com nic.ai
nic.cz nic.de nic.do nic.fr nic.io nic.media nic.my nic.pw nic.ru nic.uk nic.uy nic.video nice-incontact.com
nicehash.com niceincontact.com nickfinder.com nicmusic.net nicovideo.jp nielsen.com nielsencollections.com
nieuwsblad.be niezalezna.pl nifty.com nih.gov nike.com nikkansports.com nikkei.com nikkei225jp.com nikkeibp.co.jp
nimo.tv nine.com.au ning.com ninisite.com ninjarmm.com nintendo.com nintendo.net nip.io nipr.mil nishinippon.co.jp
nissen.co.jp nist.gov nit.pt nitori-net.jp nitrotype.com nj.com nj.gov njav.tv njavtv.com njuskalo.hr nkiri.com
nla.gov.au nld.com.vn nme.com nmrodam.com nngroup.com nnppffccddggdd.com no-ip.com no-ip.org noaa.gov nobat.ir
nobelprize.org nobitex.ir nobroker.in nocookie.net nodacdn.net nodejs.org nodepay.org nodzway.com noip.com nokia.com
nola.com nominaltechno.com nomura.co.jp nontonanimeid.boats nontondrama.click noodlemagazine.com noon.com
noor-book.com nord-news.ru nordstrom.com nordvpn.com noredink.com northeastern.edu northwestern.edu
northwesternmutual.com norton.com nos.nl nosv.org notamedia.ru note.com notepad-plus-plus.org noticiasaominuto.com
notion.site notion.so nottingham.ac.uk nova.cz nova.rs novelbin.com noveldrama.org novelfull.com novell.com
novelpia.com novelupdates.com novinky.cz novosti.rs novotelecom.ru now.gg nowiny24.pl nownews.com nowosci.com.pl
nowtv.com.tr npmjs.com npr.org nps.gov nr-data.net nr-ops.net nrdc.org nregastrep.nic.in nrich.ai nrk.no nrw.de ns.ua
ns1p.net nsatc.net nsc.ru nsctotal.com.br nsdl.com nseindia.com nsf.gov nsone.net nspk.ru nssvc.net nstld.com
nsw.gov.au nta.go.jp nto.pl ntp-fireos.com ntp.br ntp.org ntp.org.cn ntppool.org ntu.edu.tw ntv.com.tr ntv.io ntv.ru
nu.nl nu.or.id nuance.com nuancemobility.net nubank.com.br nuevoloquo.ch nuget.org nukistream.com nulls.gg nur.kz
nurd.com nus.edu.sg nutaku.net nutanix.com nv.gov nv.ua nvcam.net nvi.gov.tr nvidia.com nvidiagrid.net ny.gov nyaa.si
nyahentai.re nyc.gov nydailynews.com nykaa.com nykaafashion.com nymag.com nypl.org nypost.com nyt.com nytimes.com
nyu.edu nz.ua nzherald.co.nz nzz.ch o2.pl o3.ru o365filtering.com oaed.gr oaistatic.com oaiusercontent.com
oantagonista.com.br oath.cloud oath.com oba.gov.tr obilet.com obozrevatel.com observador.pt observeit.net observer.com
obsproject.com oceanofpdf.com oceans-nadia.com oclc.org ocn.ne.jp ocregister.com octopus.com octopus.energy oculus.com
oddspark.com odibets.com odnoklassniki.ru odoo.com odysee.com oecd-ilibrary.org oecd.org office.com office.net
office365.com office365.us officeally.com officedepot.com ogury.io ohchr.org ohio-state.edu ohio.gov ohmy.bid
ohthree.com oikotie.fi ojogodobicho.com ojp.gov ok.porn ok.ru ok.xxx okapp.io okbet.com okcdn.ru okdiario.com
okezone.com okko.tv okstate.edu okta.com oktacdn.com okx.com okxxx2.com olark.com ole.com.ar olhardigital.com.br
olimpbet.kz olm.vn olo.com olx.co.id olx.com.br olx.in olx.kz olx.pl olx.ro olx.ua olxcdn.com olympic.org olympics.com
omappapi.com omni.ru omniroot.com omnitagjs.com omny.fm omtrdc.net on.aws on.net on24.com on3.com onabet.com
onaudience.com onboardicafe.com ondemand.com ondigitalocean.app ondisk.co.kr one.com one.one onedio.com onedrive.com
onef.pro onefootball.com oneindia.com onelink.me onenote.com onenote.net onepeloton.com onesignal.com onet.pl
onetag-sys.com onetrust.com onetrust.io onlamp.com onlar.az online-metrix.net online.net onlinepbx.ru onlinesbi.sbi
onlyfans.com onlyindianx.cc onmicrosoft.com onrender.com ons.gov.uk ontario.ca onthe.io onthemarket.com onward.co.jp
oobsaurt.net ooklaserver.net oolveri.com ooppgame.com op.gg opaque.net opecloud.com open-adsyield.com open.ac.uk
openai.com opencan.net opendns.com opendsp.ru openedition.org openfpcdn.io openldap.org openlibrary.org openoffice.org
opensea.io opensource.org openssl.org openstreetmap.org opensuse.org opentable.com opentext.com opentrackr.org
openweathermap.org openwebmp.com openx.net openxcdn.net opera-api.com opera-api2.com opera-mini.net opera.com
opera.software opera.technology operacdn.com oppo.com oppomobile.com oprah.com opsgenie.com optable.co optimizely.com
optimove.net optimumdesk.com optum.com ora.com oracle.com oraclecloud.com oraclecloud.net oraclerealm1.com orange.es
orange.fr orangedata.ru oray.com oray.net orbsrv.com orcid.org orderbox-dns.com oregon.gov oregonlive.com
oregonstate.edu oreilly.com oremanga.net orf.at org.ru oricon.co.jp origo.hu orlandosentinel.com ortb.net os-lb.com
osano.com osf.io osha.gov oskwai.com ospserver.net osu.edu osym.gov.tr otakudesu.cloud otm-r.com otomoto.pl otto.de
otzovik.com ou.edu ouedkniss.com ouest-france.fr ouo.press oup.com ouraring.com ourworldindata.org outboundproxy.com
outbrain.com outbrain.org outbrainimg.com outlook.com outlookindia.com outsideonline.com ov1o.com over-blog.com
overclockers.ru overdrive.com overleaf.com overstock.com overwolf.com ovh.com ovh.net ovhcloud.com
ovhnextmillmedia.com ovo.id ovotech.org.uk ovscdns.com ovscdns.net ow.ly owasp.org owhealth.com owneriq.net ownit.se
ox.ac.uk oxcs.net oxfordjournals.org oxu.az oxylabs.io ozbargain.com.au ozon.by ozon.ru ozone.bg ozone.ru p-bandai.jp
p-cdn.com p-cdn.us p-msedge.net p-n.io p-world.co.jp p76prod.systems pa.gov paa-reporting-advertising.amazon
paadars.com packagist.org packetshare.io packzy.com pacloudflare.com paddypower.com padlet.com pagalnew.com page.link
pages.dev pagesix.com pagesjaunes.fr pageuppeople.com pagina12.com.ar paheal.net pair.com palantirfoundry.com
palm.tech palmettostatearmory.com palmpay.app palmplaystore.com palmsbet.com paloaltonetworks.com pananames.com
panasonic.com panda.org pandasecurity.com pandora.com pandora.net pangle.io pantheonsite.io pantip.com papy.co.jp
parade.com parallels.com paramount.tech paramountplus.com parastorage.com parcelsapp.com pardot.com pareci.net
parents.com parfois.com paris.cl paris.fr parivahan.gov.in parkingcrew.net parklogic.com parliament.uk
parlons-basket.com parsely.com particlenews.com partner.co.il partners-show.com partslink24.com passeidireto.com
passfixx.com pastebin.com pastelink.id pastelink.net patagonia.com patch.com pathofexile.com patreon.com patria.org.ve
pavietnam.net pavietnam.vn pavv.co.kr pawmanga.com paychex.com paycomonline.net paylocity.com paypal.com paypal.me
paypalobjects.com paytm.com paziresh24.com pb.com pb06e2-resources.com pbase.com pbs.org pbskids.org pbstck.com
pbxai.com pccc.com pccomponentes.com pcgamer.com pch.com pchome.com.tw pciconcursos.com.br pcmag.com pcpartpicker.com
pcre.org pcworld.com pddpic.com pdfcoffee.com pdffiller.com pdflib.com pdst.fm peacocktv.com peakgames.net
pearltrees.com pearson-intl.com pearson.com peatix.com peers.tv pelotainvernal.com pelotalibre.org pemsrv.com
pendingrenewaldeletion.com pendo.io penguinrandomhouse.com pensador.com people.cn people.com people.com.cn
perfdrive.com perfectdomain.com perfectgirls.xxx perimeterx.net perl.com perl.org permutive.app permutive.com
perplexity.ai personio-internal.de personio.de peryagame.com peta.org petco.com petel.bg petfinder.com petsmart.com
pewresearch.org pex.jp pexels.com pfizer.com pg-nmga.com pg11.ru pgf-thek63.com pghub.io pgsgame.online phantom.app
phe18.vip phgop1.com phicdn.net philips.com philly.com phimxxx.ai phlextmf.net phncdn.com pho.to phonefactor.net
photoacompanhantes.com photobucket.com photonengine.io php.net phpbb.com phpmyadmin.net phunutoday.vn phys.org
piano.io piaotia.com piccoma.com picpay.com picrew.me picsart.com pictoa.com pie.org pik.ru pikabu.ru pin.it
pinduoduo.com pingdom.com pingdom.net pingone.com pinimg.com pink.rs pinkrose.uno pinterest.ca pinterest.co.uk
pinterest.com pinterest.de pinterest.net pinterestdownloader.com piojm.tech pippio.com piratbit.fun pisofiph.com
pitaya-clientai.com pitc.com.pk pitchfork.com pitt.edu piwik.pro pixabay.com pixieset.com pixiv.net pixlr.com
pixverse.ai pki.goog pku.edu.cn placed.com plala.or.jp planalto.gov.br planethoster.net planetminecraft.com
planfix.com platform24.tv platformaofd.ru platinumai.net platoboost.com plausible.io playbattlegrounds.com
playfabapi.com playfamily.ru playfootball.games playhop.com playinexch.com playmods.net playrix.com playsport.cc
playstation.com playstation.net playtika.com playtime.ph playwire.com plazavea.com.pe plejada.pl plesk.com plex.bz
plex.direct plex.tv plista.com plo.vn plos.org plovdiv24.bg plrm.zone plumenet.io pluralsight.com pluto.tv pmi.org
pmkisan.gov.in pnas.org pnc.com pndsn.com pngtree.com pngwing.com pochta.ru podbean.com poder360.com.br podolyaka.ru
podscribe.com poe.com poetryfoundation.org pogovorim.by pointi.jp pointmediatracker.com pointtoserver.com pokemon.com
pokemondb.net pokepara.jp poki.com politico.com politico.eu politifact.com polovniautomobili.com polsatnews.pl
polygon.com pomorska.pl pomponik.pl ponta.jp ponyexpress.tech poophd.cloud poophd.vip popin.cc popmart.com popsci.com
popsugar.com popularmechanics.com poringa.net porkbun.com porn300.com pornarabi.net porndr.com porngameshub.com
pornhat.com pornhat.one pornhat.video pornhoarder.tv pornhub.com pornhub.org pornid.name pornkai.com pornnudes.net
porno-zona.com porno18.site porno365.wiki pornoborshch.com pornobrasil.com pornocarioca.com pornohirsch.net
pornolandia.xxx pornomineiro.com pornone.com pornpics.com pornpics.de pornstars.tube porntrex.com pornxp.quest
pornzog.com porsche.com portal6.com.br portaleargo.it portalyaoi.com portfolio.hu poshmark.com poshvine.com
post-gazette.com post.ir poste.dz poste.it postermywall.com postgresql.org posthog.com postimg.cc postman.com
postrelease.com postype.com potterybarn.com powerapps.com powerbi.com powerplatform.com powerreviews.com
powerschool.com pozdravok.com poznan.pl pp.ru pp.ua pphosted.com ppomppu.co.kr pracuj.pl pragmaticplaylive.net
prajavani.net pravda.com.ua pravda.ru premierbet.com premierleague.com preply.com presage.io president.jp
pressreader.com prestashop.com pretty-fly4.com prezi.com prf.hn priceline.com priceoye.pk primeriti.es primevideo.com
primicias.ec primis.tech primor.eu princeton.edu principal.com printercloud.com printful.com prismaaccess.com
prismic.io privacy-center.org privacy-mgmt.com privacy.com.br privacymanager.io privacysandboxservices.com
privacyshield.gov privateinternetaccess.com privateproperty.co.za prmdom.com prmsrvs.com prmutv.co prnewswire.com
pro-market.net pro32connect.ru probo.in prodgdc.com prodigygame.com prodoctorov.ru prodregistryv2.org producthunt.com
profesia.sk profi.ru programiz.com programmatica.com programme-television.org programme-tv.net programme.tv
progressive.com project-limelight.com prokabaddi.com prokerala.com prom.ua promiedos.com.ar pronews.gr proof-dns.com
proofdns.com proofpoint.com property24.com propublica.org proquest.com prosport.ro prosv.ru protechts.net protek.ru
prothomalo.com proton.me protonmail.ch protonmail.com protothema.gr provenexpert.com proxad.net proximabeta.com
proxmox.com proxyium.com proxysite.com prozis.com prreqcroab.icu prserv.net prtimes.jp pruffme.com prweb.com ps.kz
pscp.tv pscube.jp psegeevalrat.net psiphon.news psoftautha.com pstatic.net pstatp.com psu.edu psychcentral.com
psychologytoday.com ptailadsol.net ptmnd.com ptsecurity.com ptt.cc pub.network pubgclanemblem.com publi24.ro
public.app publicnode.com publicstuff.com publictracker.xyz pubmatic.com pubmnet.com pubnative.net pubnub.com
pubnubapi.com pudelek.pl pullandbear.com pullcf.com pullcm.com puma.com pump.fun punchmedia.ru puntoticket.com
purdue.edu pure.cloud purelovers.com purepeople.com purestorage.com purl.org pushd.com pusher.com pushnami.com
pushnotifs.com pushwoosh.com pushy.io pussyboy.net pussyspace.com pussyspace.net puzztake.com pv-cdn.net pvp.net
pvvstream.pro pw.live pwc.com px-cloud.net pxf.io pypi.org pyrus.com python.ca python.org qatarairways.com qcloud.com
qcloudcdn.com qcomgeo2.com qh-cdn.com qh-lb.com qhimg.com qianxun.com qihucdn.com qiita.com qiniudns.com qlivecdn.com
qlogo.cn qnap.com qodeinteractive.com qoo10.jp qorno.com qpic.cn qq.com qq.com.cn qqq-ttss.su qtlcdn.com quad9.net
qualaroo.com qualcomm.com qualtrics.com qualys.com quantcast.com quantcount.com quantserve.com quantummetric.com
quark.cn quasarzone.com quay.io queensu.ca queniuaa.com queniubg.com queniubh.com queniubm.com queniucf.com
queniuck.com queniuco.com queniuhy.com queniuiq.com queniuiy.com queniukr.com queniukw.com queniulf.com queniurc.com
queniuso.com queniusy.com queniusz.com queniutc.com queniuuf.com queniuum.com queniuyk.com queropassagem.com.br
questdiagnostics.com questionablequesting.com queue-it.net quickconnect.to quicksetcloud.com quill.org quillbot.com
quip.com quiz-facts.com quizizz.com quizlet.com qunaer.com qunar.com quora.com quovadisglobal.com qustodio.com qvc.com
qvc.de qvc.jp qvdt3feo.com qwant.com qwest.net qxbroker.com qz.com r-project.org r01.ru r2.dev r7.com r7ops.com
rabo.cloud racingpost.com rackcdn.com rackspace.com rackspace.net rackspacecloud.com rackspaceclouddb.com
radio-canada.ca radiofrance.fr radiotimes.com radiozet.pl radissonhotels.com rae.es raiffeisen.ru railway.gov.bd
railyatri.in rainberrytv.com rainbird.com rainews.it raiplay.it rajwap.cc rakuten-card.co.jp rakuten-sec.co.jp
rakuten.co.jp rakuten.com ralphlauren.com rambler.ru ramzinex.com rand.org ranker.com rapid7.com rapidgator.net
rapidssl.com rareanimes.me raspberrypi.com raspberrypi.org rat.xxx rateyourmusic.com ravelry.com ravm.tv rawstory.com
rayjump.com razer.com razersynapse.com razerzone.com razorpay.com rb.gy rbc.ru rbc.ua rbx.com rbxcdn.com rd.com
rdatasrv.net rdsnet.ro readawrite.com readingplus.com readli.net readmangabat.com readthedocs.io readthedocs.org
readwrite.com real.com realclearpolitics.com realestate.com.au realitatea.net realme.com realsbet.com realsimple.com
realsrv.com realtor.com reason.com reasonsecurity.com rebrand.ly rec.net recaptcha.net reclameaqui.com.br record.pt
recruit.co.jp redactie24.be redbubble.com redbull.com redbus.in redcdn.pl redcross.org redd.it reddit.com
redditmedia.com redditspace.com redditstatic.com redecanais.ec redfin.com redgifs.com redhat.com rediff.com redis.io
redislabs.com redporn.video redspell.ru redtube.com redtube.com.br redwap-xxx.com redwap.me reference.com
refinery29.com reg.ru register.com register.it registrar-servers.com registry.in rei.com relap.io relativity.one
relevant-digital.com relevo.com reliefweb.int remaker.ai remanga.org remitly.com remotepc.com remotewd.com remove.bg
rentmashin.com reolink.com replit.com repocket.com repubblica.it researchgate.net researchnow.com reserved.com
resetdigital.co resetera.com reshak.ru resheba.top reson8.com respawn.com restream-media.net resultadofacil.com.br
resume.com retailmenot.com retailrocket.ru returnyoutubedislikeapi.com reuters.com revcontent.com revenuads.com
revenuecat.com reverb.com reverbnation.com reverso.net reviewjournal.com revistaoeste.com revjet.com revolut.com
rexporn.sex reyrey.net rezka-ua.tv rezka.ag rezultati.com rezync.com rfa.org rfc-editor.org rferl.org rfi.fr
rfihub.com rfihub.net rg.ru ria.com ria.ru rian.ru rice.edu richaudience.com ricoh.com ridewithvia.com ridibooks.com
rightmove.co.uk rijksoverheid.nl rijksoverheidnl.nl rima-tde.net ring.com ring.net ringcentral.com rings.solutions
riotcdn.net riotgames.com rip.ie ripe.net ripley.cl ripley.com.pe ripn.net riskified.com rit.edu rixengine.com
riyasewana.com rkdms.com rlcdn.com rmf.fm rmf24.pl rmhfrtnd.com rmzsglng.com rncdn7.com rnp.br
robertsspaceindustries.com robinhood.com roblox.com roche.com rochester.edu rock.porn rocket-cdn.com rocketnews24.com
rockstargames.com roeyecdn.com rogers.com rojadirectaenvivo.pl rokt.com roku.com rokutime.com rollbar.com
rollingstone.com romaniatv.net romarg.com rome2rio.com romeo.com romsfun.com romsgames.net rongbachkim.net
root-servers.net rootsoc.com roozaneh.net ropro.io rosintel.com roskazna.ru rosminzdrav.ru rosneft.ru rosszlanyok.hu
rostelecom.ru rotowire.com rottentomatoes.com rou.video route.com router-network.com routledge.com royalcaribbean.com
royalmail.com royalroad.com royalsocietypublishing.org rozetka.com.ua rozmusic.com rp-online.de rpi.edu rpp.pe
rqmob.com rqtrk.eu rr.com rs-online.com rs6.net rsasecurity.com rsc.org rshb.ru rspamd.com rst.ua rt.com rt.ru
rtactivate.com rtb.mx rtbf.be rtbhouse.com rtbhouse.net rtblab.net rtbsystem.com rtcfront.net rte.ie rtl.de rtl.nl
rtmark.net rttv.ru rtve.es rtvslo.si ru.com ruangguru.com ruay.com rubiconproject.com rubika.ir rubrik-lab.com
rubrik.com ruckuswireless.com rudderlabs.com rudderstack.com rug.nl ruhr24.de ruidongcloud.com ruijienetworks.com
rule34.us rule34.xxx rule34video.com ruliweb.com rumble.com run.app runescape.com runescape.wiki runnersworld.com
rusoska.com rusoska.mobi rusprofile.ru russianfood.com russianpost.ru rustdesk.com rustore.ru rusvideos.day
rutarget.ru rutgers.edu rutracker.org rutube.ru rwth-aachen.de ryanair.com rylmtch.com rynekzdrowia.pl rzd.ru rzone.de
s-cloud.fi s-microsoft.com s-msedge.net s-onetag.com s2517.com s5h.net s7.ru saasexch.com saasexch.io
saasprotection.com sabah.com.tr saby.ru sacbee.com sacdnssedge.com saednews.com safebrowsing.apple safedk.com
safesecureweb.com safety.google safeway.com sagcoreedge.com sage.com sagepub.com sahibinden.com sail-horizon.com
sail-personalize.com sainsburys.co.uk saksfifthavenue.com sakshi.com sakura.ne.jp salesforce-dns.com
salesforce-scrt.com salesforce-sites.com salesforce.com salesforceliveagent.com salesloft.com salon.com salonboard.com
salutejazz.ru samba.tv sambaporno.com samehadaku.email samhsa.gov samokat.ru samplicio.us samqaicongen.com
samregion.ru sams.com.mx samsara.com samsclub.com samsung-dict.com samsung-gamelauncher.com samsung.com samsungacr.com
samsungads.com samsungapps.com samsungcloud.com samsungcloud.tv samsungcloudcdn.com samsungcloudsolution.com
samsungcloudsolution.net samsungconsent.com samsungdive.com samsungdm.com samsungelectronics.com samsunghealth.com
samsungiotcloud.com samsungknox.com samsungmax.com samsungmdec.com samsungnyc.com samsungosp.com samsungotn.net
samsungpositioning.com samsungqbe.com samsungrs.com samsungvisioncloud.com sandai.net sandiegouniontribune.com
sanity.io sanofi-synthelabo.com sanook.com sanspo.com santander.com.br sap.com sape.ru sapo.pt sapphireonline.pk
sapsf.com sapsf.eu sarahah.pro sarapbabe.com sardine.ai sargarmiyerooz.ir sarhne.com sarkariresult.com sarthaks.com
sas.com sascdn.com sassa.gov.za sat.gob.mx satofull.jp satta-king-fast.com satta-king-fixed-no.in sattamatkachart.in
sattamatkano1.me sattasport.in saucelabs.com saveclip.app savefrom.net savvis.net say.games sb-cd.com sba.gov sbb.ch
sbb.rs sbcglobal.net sbdv.ru sberbank-tele.com sberbank.com sberbank.ru sberdevices.ru sbicard.com sbis.ru
sbisec.co.jp sbixby.com sbnation.com sbrf.ru sbs.com.au sc-cdn.net sc-gw.com sc-prod.net sc-static.net sc.edu
scan-manga.com scarabresearch.com scayle.cloud scdn.co scene7.com schneevonmorgen.com schneier.com scholarships.gov.in
scholastic.com schoology.com schwab.com schwab.tech schwaebische.de scielo.br science.org sciencealert.com
sciencedaily.com sciencedirect.com sciencemag.org sciencenews.org scientificamerican.com scinfradev.com scmp.com
scoop.it scopely.io scopus.com scorecardresearch.com scorenga.com scotsman.com screenconnect.com screener.in
screenrant.com screwfix.com scribblehub.com scribd.com script.ac scryfall.com sd.rs sdn.cz sdna.gr sdsu.edu se.com
se.pl seagate.com search-load.com searchenginejournal.com searchengineland.com searchspring.io sears.com.mx
seattletimes.com sec.gov secb2b.com secomtrust.net second-ns.com second-ns.de secondlife.com sectigo.com secu100.net
securebrowser.com securedvisit.com secureserver.net securityfocus.com securitytrails.com securly.com sedo.com
sedoparking.com seedtag.com seek.com.au seekingalpha.com sefan.ru sefon.pro seg-social.gob.es seg-social.pt
segment.com segment.io segmento.ru seiska.fi sejda.com selcloud.ru selectel.ru self.com selfstudys.com
sellatuparley.com seloger.com semana.com semana.es semanticscholar.org semasio.net semprot.com semrush.com semrush.net
sena.edu.co senate.gov sendbird.com senderscore.com sendgrid.com sendgrid.net sendinblue.com sendpulse.com sendsay.ru
sendthesong.xyz sendtonews.com seneporno.com sengokuixa.jp sensic.net sentinelone.net sentry-cdn.com sentry.io
sepe.gob.es sephora.com sephora.fr serasa.com.br seriouseats.com servenobid.com serverbid.com serverdata.net
serveriai.lt serverwatch.com servetraff.com service-now.com service-public.fr service.gov.uk servicenowservices.com
servicepipe.ru servicewebly.com servidoresdns.net serving-sys.com serving-sys.ru serviporno.com setlist.fm
sex-studentki.live sex-studentki.plus sex-studentki.tube sex.com sex4arab.xxx sexalarab.com sexallarab.com sexarabi.co
sexbebin.com sexemodel.com sexiha.net sexindrag.com sexkomix2.com sexlog.com sexsati.com sexstories.com sextb.net
sexvid.pro sexvid.xxx sexvideo.biz sexvideo.click sexvideos.rodeo seznam.cz seznamzpravy.cz sezzle.com sf.net
sfchronicle.com sfdc.net sfdcfc.net sfgate.com sfile.mobi sflix.to sfmc-content.com sfndns.cn sfr.fr sfu.ca sfx.ms
`;
