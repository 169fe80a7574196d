/** Part 4 of 4 of the most used sites, see `popular.ts`. Words of one list in alphabetical order. */
export const POPULAR_4 = `
sg.fr sgmbocast.com sgmc2.com sgnic.sg sgsnssdk.com shaalaa.com shadowserver.org shafa.ua shahrekhabar.com
shahvani.com shalltry.com shalove.net share-dns.com shareasale.com sharechat.com sharefile.com sharepoint.com
sharepoint.us sharepointonline.com sharethis.com sharethis.net sharethrough.com shaugacakro.net shawcable.net
shayanews.com shazam.com shb-sync.com shb0099.com shcilestamp.com shein.com sheknows.com shell.com shifen.com
shiksha.com shinigami07.com shipt.com shkolo.bg shodan.io shonenjumpplus.com shop-apotheke.com shop-pro.jp shop.app
shopch.jp shopee.co.id shopee.co.th shopee.com.br shopee.com.my shopee.io shopee.ph shopee.sg shopee.tw shopee.vn
shopeemobile.com shopify.com shopifyapps.com shopifycdn.com shopifycloud.com shopifykloud.com shopifysvc.com shopsy.in
shorttv.live shorturl.at showroomprive.com showup.tv shrm.org shrmha.com shturval.link shukwai.com shutterfly.com
shutterstock.com si.com si.edu sibforms.com sicredi.com.br sidrachain.com siemens.com siemens.de sift.com
siftscience.com signal.org signalfx.com signalr.net signifyd.com signupgenius.com sii.cl sikayetvar.com sima-land.ru
similarweb.com simonandschuster.com simontokx.online simplecast.com simplecloud.ru simpli.fi simplisafe.com simply.com
simplyrecipes.com sina.cn sina.com sina.com.cn sinaedge.com sinaimg.cn singaporeair.com singaporepools.com
singtelmailcrew.com singular.net sinoptik.ua sinsay.com siol.net siriusxm.com sisal.it site.com site123.me site777.jp
siteforce.com siteground.biz siteground.us siteimproveanalytics.com siteimproveanalytics.io sitemaps.org sitescout.com
siue.edu sjtu.edu.cn sjv.io skated.co skcrtxr.com skechers.com skelbiu.lt sketchfab.com sketchup.com
skidrowreloaded.com skill-cup.ru skillshare.com skimresources.com skipthegames.com sklum.com skokka.com skole.hr
skroutz.gr skwstat.ru sky.com sky.it skybet.com skyeng.ru skyhigh.cloud skylinewebcams.com skynet.be skype.com
skypeassets.com skyrock.net skyscanner.co.in skyscanner.es skyscanner.it skyscanner.net skyscrapercity.com
skysports.com sl.pt slack-edge.com slack.com slackb.com slashdot.org slate.com slatic.net sleepfoundation.org
sleepnumber.com sleepycat.com slgnt.eu slickdeals.net slickstream.com slidesgo.com slideshare.net sliide.cloud
slimeread.com sling.com slobodnadalmacija.hr slotor777.com.ua slovenskenovice.si slrclub.com sltrib.com sm3ha.mx
smaato.net smadex.com smailru.net smakosze.pl smallpdf.com smartadserver.com smartasset.com smartcasttv.com
smartclip.net smartnews-ads.com smartnews.com smartnews.net smartrecruiters.com smartsheet.com smartthings.com
smartyads.com smashingmagazine.com smbcnikko.co.jp smh.com.au smi2.net smi2.ru smile.io smilewanted.com
smithsonianmag.com smooch.io smotrim.ru smugmug.com smule.com smythstoys.com snackvideo.com snackvideo.in snapchat.com
snapcraft.io snapfish.com snapinsta.app snapkit.com snapp.ir snapsave.app snaptik.app snaptube.app sndcdn.com sng.link
sniffies.com snigelweb.com snl24.com snooguts.net snopes.com snowflake.com snowflakecomputing.com snplow.net
snssdk.com so-net.ne.jp so.com soap2day.day soccer24.com soccer365.ru socdm.com socialmediagirls.com
socialmediatoday.com socialpointgames.com sodimac.cl sofascore.com sofifa.com softbank.jp softether-network.net
softlayer.com softonic.com softpedia.com softwareadvice.com sogou.com soha.vn sohu.com soinluck.com sojern.com
sokmil.com solaredge.com solitaired.com solodeportes.com.ar solopornoitaliani.xxx somon.tj sondakika.com sonicwall.com
sonnen.de sonnenbatterie.de sonobi.com sonos.com sony.com sony.net sony.tv sonyentertainmentnetwork.com sooplive.co.kr
sophos.com sophosupd.com sophosxl.net sorbs.net sorrisi.com sotwe.com soundcloud.com sourcefire.com sourceforge.net
southernliving.com southwest.com sovcombank.ru sozcu.com.tr space.com spacebattles.com spaceweb.pro spaceweb.ru
spacex.com spaggiari.eu spamcop.net spamhaus.org spanishdict.com spankbang.com spankbang.party spb.ru spboss.in
spbtv.com spbycdn.com spcsdns.net speakerdeck.com specbench.org spectator.co.uk spectraguard.net spectrum.com
spectrum.net speedtest.net speedtestcustom.com spglobal.com spiceworks.com spicychat.ai spiegel.de spilleddaily.com
spiritfanfiction.com splashthat.com splashtop.com split.io splunk.com splunkcloud.com splunkdev.net spo-msedge.net
spoilerplus.blog sponichi.co.jp sporcle.com sport-express.ru sport-fm.gr sport.cz sport.es sport.pl sport.ro sport.ua
sport1.de sport24.gr sport24.ru sportbox.ru sportime.gr sportingbet.com sportingnews.com sportnieuws.nl sportpesa.com
sportradar.com sportradarserving.com sports.kz sports.ru sportsdirect.com sportskeeda.com sportsplus.ph sportsport.ba
sportybet.com spot.im spotify.com spotify.net spotifycdn.com spotim.market spotxchange.com spov-msedge.net
spreaker.com spribegaming.com sprig.com spring.io springer.com springeropen.com springserve.com sprinklr.com
sprint.com sprinthost.net sprinthost.ru sproutgigs.com sproutsocial.com sprunki.org sputnik.ru sputniknews.com
sqlite.org square.site squarecdn.com squarespace-cdn.com squarespace.com squarespacedns.com squareup.com
squid-cache.org squirt.org srf.ch sri.gob.ec srmdata-us.com srmdata.com srugim.co.il srv224.com srv53.com srv53.net
ss.com ss.lv ss2.us ssa.gov ssc.gov.in ssgportal.com ssl-images-amazon.com ssl.com sslkn.mobi sspnet.tech ssrn.com
sssinstagram.com ssstik.io st.com stabletransit.com stackadapt.com stackdns.com stackexchange.com stackoverflow.com
stafaband-76.com stake.bet stake.com stamped.io standard.co.uk stanford.edu staples.com star4live.com starbucks.co.jp
starbucks.com stardewvalleywiki.com starfall.com starfieldtech.com starkgames.app starlink.com starmakerstudios.com
startappelb.com startappservice.com startech.com.bd startpage.com startribune.com starwars.com staseraintv.com
stat-rock.com statcounter.com state.co.us state.gov statefarm.com static.microsoft statically.io staticflickr.com
statista.com statnews.com statsig.com statsigapi.net statuspage.io stbid.ru steadfast.com.bd stealth.si steam-chat.com
steamcommunity.com steamcontent.com steamdb.info steaminventoryhelper.com steampowered.com steamserver.net
steamstatic.com steamunlocked.net steelseries.com stern.de stickyadstv.com stihi.ru stirileprotv.ro stiripesurse.ro
stitcher.com stlouisfed.org sto.cx stockx.com stocrm.ru stoiximan.gr stoopsaipee.com storeland.ru storiesig.info
storm.mg storygize.net storysaver.net stourgensadse.com stps.gob.mx stradivarius.com straitstimes.com strava.com
stream-io-api.com streamable.com streameast.app streamlabs.com streamrail.com streamtheworld.com strikingly.com
stripchat.com stripchat.global stripchatgirls.com stripe.com stripe.network stripecdn.com stripst.com strln.net
strpst.com stspg-customer.com stubhub.com studentaid.gov studocu.com study.com studyx.ai stuff.co.nz stumbleupon.com
su89-cdn.net suara.com subito.it substack.com substackcdn.com subway.com sudinfo.be sudoku.com sudouest.fr
sueddeutsche.de suki-kira.com suksesbogil.com sulasok.org sumup.com sun-sentinel.com sun.com sundaysky.com
sunnypingdrink.com suno.com sunrise.ch suntimes.com supabase.co super.cz superawesome.tv superbet.com superbet.ro
superbthemes.com supercell.com superdnsserver.net superhosting.bg superporn.com supersonicads.com supersport.hr
superuser.com supjav.com supportapi.click supremecourt.gov surabaya.go.id surahquran.com surbl.org sureserver.com
surfnet.nl surfshark.com surriel.com suruga-ya.jp surveymonkey.com susercontent.com sussytoons.com suumo.jp svc.ms
svcmot.com svr-algorix.com svt.se swagbucks.com swannsecurity.com swarovski.com sway.com swbell.net sweb.ru sweet.tv
sweetwater.com swiftkey.com swiftserve.com swiftycdn.net swiggy.com swing-zone.com swishapps.ai swisscom.ch
swissinfo.ch swr.de swrve.com swypeconnect.com sxyprn.com sxyprn.net sybo.net sydney.edu.au syfy.com symantec.com
symbolab.com symcb.com symcd.com symfony.com symphony.com sync.com syncthing.net syndicatedsearch.goog synology.com
synology.me syosetu.com syosetu.org syr.edu system-monitor.com systemdns.com sytes.net szarada.net szerencsejatek.hu
t-bank-app.ru t-ipconnect.de t-mobile.com t-msedge.net t-online.de t.co t.ly t.me t0x.net t13.io t2.ru tabelog.com
tabii.com tableau.com tabletcaptiveportal.com tabletki.ua tabnak.ir taboodesi.net taboola.com tabor.ru tacdn.com
tacobell.com tag24.de tagesschau.de tagesspiegel.de tagged.com tailscale.com tailscale.io tajmusics.com
takarakuji-official.jp takashimaya.co.jp takbet.com takealot.com takeaway.com taktube.net tala.ir talend.com
talkie-ai.com tameteo.com tamildhool.net tamilglitz.in tamin.ir tamo.lt tampabay.com tamu.edu tander.ru
tandfonline.com tango.me tanium.com tanki.su tanksblitz.info tantanapp.com tanx.com taobao.com tapad.com tapclap.com
tapjoy.com tapjoyads.com tappx.com taptapnetworks.com tarafdari.com target.com tass.ru tasteofhome.com tate.org.uk
tattle.life tawk.to taxssp.com taxtelecom.net taxtelecom.ru taz.de tbank.ru tbcache.com tbgameloader.com tbs.co.jp
tcd.ie tcdnlive.com tcgplayer.com tchibo.de tci.ir tcl.com tclking.com tcmb.gov.tr tcylgslb.com td.com tdatamaster.com
tdnsstic1.cn tdnsv5.com tdnsv6.com tdnsvod1.cn tds.net tdxflix.com teachable.com teacherspayteachers.com teachoo.com
teads.tv tealiumiq.com teams-msedge.net teamviewer.com tec.mx techcrunch.com techdns.com.ua techlab-cdn.com
technolife.ir technologyreview.com technorail.com technorati.com technoratimedia.com techopedia.com techradar.com
techrepublic.com techsmith.com techspot.com techtarget.com ted.com tedata.net teenvogue.com tele2.ru telecid.ru
telecinco.es telecomitalia.it telecomsvc.com telefonica.com telefonica.de telegra.ph telegraaf.nl telegraf.rs
telegram.me telegram.org telegraph.co.uk telekom.com telekom.de telekom.hu telekom.net telemagazyn.pl telemost.ru
telenet.be telenor.dk telenor.no telenor.se teleparty.com telephony.goog teleport.media teletype.in telewebion.com
telex.hu telia.com telkomhosting.com telkomsel.com telmexla.net.co telone.co.zw telstra.com telstra.com.au telstra.net
telus.com temp-mail.org temple.edu tempo.co temu.com tenable.com tencent-cloud.com tencent-cloud.net tencent.com
tencentclb.com tenda.com.cn tendawifi.com tengrinews.kz tenjin.io tenki.jp tennessean.com tenor.co tenor.com
terabox.com terabyteshop.com.br termly.io termsfeed.com terra.com.br tesco.com tescocloud.com tesla.com tesla.services
teslamotors.com test-ipv6.com test.com testbook.com texas.gov texastribune.org tezenis.com tf1.fr tf1info.fr tfbnw.net
tfl.gov.uk tgju.org tgstat.com thains.co.th thairath.co.th thalia.de thanhnien.vn thawte.com the-ozone-project.com
the-sun.com theage.com.au theathletic.com theatlantic.com theaustralian.com.au thebalance.com thebalancemoney.com
theconversation.com thecut.com thedailybeast.com thediplomat.com theepochtimes.com thefreedictionary.com thegamer.com
thegatewaypundit.com thegay.com thegioididong.com theglobeandmail.com theguardian.com thehentai.net thehill.com
thehindu.com theice.com theiconic.com.au theintercept.com thejeu.com thekitchn.com theknot.com thelancet.com
theme-fusion.com themeansar.com themeforest.net themegrill.com themeisle.com themoviedb.org thenai.org thenation.com
thenews.com.pk thenextweb.com theonion.com thepioneerwoman.com thepiratebay.org theplatform.com theporndude.com
theqoo.net therange.co.uk therapservices.net therapynotes.com therealreal.com theregister.co.uk theregister.com
thermofisher.com thesaurus.com thescore.com thesimsresource.com thespruce.com thespruceeats.com thestar.com
thestar.com.my thestreet.com thesun.co.uk thetacdn.net thetimes.co.uk thetimes.com thetrainline.com thetvapp.to
theverge.com thevirallist.com theweathernetwork.com theweek.com thewrap.com theyarehuge.com thingiverse.com
thinkific.com thinkwithgoogle.com thisav.com thisisdax.com thisvid.com thomann.de thomsonreuters.co.uk
thomsonreuters.com thomsonreuters.net thoughtco.com thousandeyes.com threads.net threatdown.com threatlocker.com
threebit.net threema.ch thrillist.com thrtle.com thscore.mobi thscore1.com thumbzilla.com thunderbird.net
thuvienphapluat.vn ti.com tiava.com ticketmaster.co.uk ticketmaster.com ticketmaster.com.mx ticketone.it tidal.com
tide.co tiempo.com tienphong.vn tierpoint.com tiktok.com tiktokcdn-eu.com tiktokcdn-eu.net tiktokcdn-us.com
tiktokcdn.com tiktokeu-cdn.com tiktokio.com tiktokpangle.us tiktokrow-cdn.com tiktokv.com tiktokv.eu tiktokv.us
tilda.ws tildacdn.com tile-api.com tim.it timbrasil.com.br time.com timeanddate.com timebucks.com timeout.com
timesbull.com timeshighereducation.com timesnowhindi.com timesnownews.com timesofisrael.com timesonline.co.uk
timesunion.com timeweb.ru timotxt.com tinder.com tinkercad.com tinkoff.ru tiny.cc tiny.com.br tinyastro.io
tinypass.com tinypic.com tinyurl.com tiqcdn.com tirto.id tiscali.it tistory.com tivoservice.com tiwar.ru tizen.org
tjk.org tjsp.jus.br tk0x1.com tktube.com tlife.gr tlivecdn.com tlivepush.com tmall.com tmdb.org tmohentai.com tmz.com
tn.com.ar tn.gov tn.gov.in tnaflix.com tns-counter.ru tnt-ea.com toast.com toasttab.com tobsnssdk.com
todamateria.com.br today.com todoist.com todorelatos.com togetter.com tokopedia.com tokyo-sports.co.jp
tokyodisneyresort.jp tokyomotion.net tokyvideo.com tomsguide.com tomshardware.com tomtom.com toobit.com toomics.com
toongod.org toonily.com toonstream.co topcinema.cam topdesix.com topdns.com topdns.me topgirl.co topicbee.net topky.sk
toponadss.com toprecepty.cz toptal.com topuniversities.com topwar.ru tori.fi torn.com torob.com toroporno.com
torproject.org torrid.com totalav.com totalcasino.pl totogaming.am touchtunes.com toutiao.com towardsdatascience.com
townwork.net toyhou.se toyokeizai.net toyota.com tp-link.com tp-staging.com tpbid.com tplinkcloud.com tplinknbu.com
tplinkra.com tpmn.co.kr tpmn.io tportal.hr tq-tungsten.com trackjs.com tracktor.in trackwilltrk.com tractorsupply.com
tradedoubler.com tradeinn.com tradingeconomics.com tradingview.com tradplusad.com trafficjunky.com trafficjunky.net
trafficmanager.net trafficnews.jp traffmonetizer.com trahkino.me trahkino.pro tranplanet.com transcend-cdn.com
transcend.io transfermarkt.com transfermarkt.com.tr transfermarkt.de transip.nl translasion.com translate.goog
transmissionbt.com transsion-os.com trashbox.ru travelandleisure.com travelaudience.com travelocity.com traveloka.com
travian.com travix.com travix.io trbcdn.net treasuredata.com treasury.gov treehugger.com trellix.com trello.com
tremorhub.com trendmicro.com trendybeatz.com trendyol.com trenitalia.com tresdaos.com tribalfusion.com tribunnews.com
tricolor.tv trilltrill.jp trimble.com trip.com tripadvisor.co.uk tripadvisor.com tripadvisor.com.br tripadvisor.es
tripadvisor.fr tripadvisor.in tripadvisor.it tripledotapi.com tripod.com tritondigital.com triunfobet.com trkn.us
trouble-free.net trovaprezzi.it trpcdn.net trstp.io tru.am truecaller.com trueconf.net truefitcorp.com
truepeoplesearch.com trulia.com truoptik.com trustarc.com truste.com trustedcpmrevenue.com trustedstack.com
trusteer.com trustpilot.com truyenfull.io truyenfull.tv truyenqqto.com truyenwikidich.net truyenyy.vip tsa.gov
tsdtocl.com tsinghua.edu.cn tsn.ua tsyndicate.com tt1069.com ttdns2.com ttdns3.com ttk.ru ttlivecdn.com
ttoverseaus.net ttvnw.net ttwstatic.com tu-berlin.de tuasaude.com tuazar.com tube8.com tubegalore.com tubemogul.com
tubepatrol.cc tubesafari.com tubev.sex tubi.io tubi.video tubidy.cool tubitv.com tucows.com tudelft.nl tudocelular.com
tudogostoso.com.br tufts.edu tui.co.uk tukif.com tukif.porn tum.de tumbex.com tumblr.com tunein.com tunwalai.com
tuoitre.vn tupaki.com turbify.com turbo.az turbosquid.com turf-fr.com turfomania.fr turkcell.com.tr
turkishairlines.com turkiye.gov.tr turn.com turner.com turnitin.com turoktv.com tutorialspoint.com tutsplus.com
tuttocampo.it tutu.ru tuya.com tuyaeu.com tuyaus.com tv-asahi.co.jp tv2.dk tv2.no tv3.lt tv9hindi.com tv9telugu.com
tvbs.com.tw tvguia.es tvinteractive.tv tvmon14.org tvn24.pl tvnet.lv tvonenews.com tvpixel.com tvspielfilm.de
tvsquared.com tvtropes.org tweakers.net twibida.com twilio.com twimg.com twingate.com twinsfun.com twistedsifter.com
twitcasting.tv twitch.tv twitchcdn.net twitpic.com twitter.com twkan.com twnic.net.tw twnodes.com twpornstars.com
twtrdns.net txlivecdn.com txnhh.com txxx.com tycsports.com tynt.com typeform.com typekit.com typekit.net typepad.com
typing.com typingtest.com u-tokyo.ac.jp u.gg ua.edu uadns.com uakino.me ual.com ualberta.ca ub.edu ubc.ca ubembed.com
uber.com ubereats.com uberinternal.com ubi.com ubisoft.com ubnt.com ubs.com ubuntu.com uc.cn uc.edu ucalgary.ca
ucar.edu ucdavis.edu ucf.edu uchi.ru uchicago.edu uci.edu ucl.ac.uk ucla.edu ucloud.cn ucloud.com.cn uconn.edu
ucoz.net ucoz.ru ucr.edu ucsb.edu ucsc.edu ucsd.edu ucsf.edu ucweb.com udacity.com udel.edu udemy.com udiseplus.gov.in
udmr.ru udmserve.net udn.com udvash-unmesh.com uefa.com ueiwsp.com ufanet.ru ufathpro.com ufl.edu ufmg.br uga.edu
ugdtimg.com ugent.be ugg.com uh.edu uhc.com ui-dns.com ui.com uic.edu uidai.gov.in uidapi.com uio.no uiowa.edu
uipath.com uiporn.com uisp.com uitm.edu.my uiuc.edu uk.com ukdevilz.com ukr.net ukrainealarm.com ukrpack.net ukxh.site
uky.edu ulluuncut.in ulta.com ultimate-guitar.com ultipro.com ultradns.biz ultradns.com ultradns.net ultradns2.com
umass.edu umbler.com umbrella.com umd.edu umeng.com umich.edu umn.edu umontreal.ca un.org unam.mx unc.edu unctad.org
underarmour.com undertone.com undp.org unep.org unesco.org unfccc.int unh.edu unhcr.org uni-hamburg.de
uni-heidelberg.de uni-koeln.de uni-muenchen.de unian.net unian.ua unibo.it unicef.org unicode.org unieuro.it
unifi-ai.com unilever.com unimelb.edu.au uninet.net.mx unionbankonline.co.in uniqlo.com unisoc.com united.com
unity.com unity3d.com unity3dusercontent.com univie.ac.at uniview.com univision.com unixtools.org unl.edu unm.edu
unmsapp.com unoadsrv.com unodc.org unotv.com unpkg.com unrealengine.com unruly.co unrulymedia.com unsplash.com
unsw.edu.au unt.edu unwomen.org uoguelph.ca uol.com.br uoregon.edu up-manga.com up.gov.in upcbroadband.com upday.com
upenn.edu upi.com uplynk.com upmusics.com upornia.com uppclonline.com ups.com upsdc.gov.in upstart.com uptodate.com
uptodown.com uptvs.com upwork.com uq.edu.au uquiz.com ura.news urban-vpn.com urbanairship.com urbandictionary.com
urbanoutfitters.com urbanup.com urdupoint.com ureca-lab.com uribl.com urldefense.com urmombl.com us.com us.org usa.gov
usaa.com usabilla.com usagi.one usaid.gov usatoday.com usbank.com usbrowserspeed.com usc.edu uscis.gov uscourts.gov
usda.gov usdoj.gov useinsider.com usembassy.gov usemessages.com usen.ad.jp userapi.com usercentrics.eu
usercontent.goog usercontent.microsoft usergate.com userreport.com usertesting.com usertrust.com uservoice.com
userway.org usf.edu usgovcloudapi.net usgovcloudapp.net usgovtrafficmanager.net usgs.gov ushmm.org usmagazine.com
usnews.com usp.br usps.com uspto.gov ustream.tv usu.edu usvisa-info.com ut.ac.id utah.edu utah.gov utdallas.edu
utexas.edu utk.edu utkonos.dev utoronto.ca utorrent.com utraff.com uu.net uu.nl uu.se uuidksinc.net uukanshu.cc uva.nl
uvfuns.com uvic.ca uvm.edu uw.edu uwaterloo.ca uxfeedback.ru uzh.ch v-videoapp.com v0cdn.net va.gov vaidebet.com
vailonxx.vip value-domain.com valuehost.ru valve.net vanderbilt.edu vanguard.com vanityfair.com vanityfair.it
vapp-servers.com variety.com varonis.io varzesh3.com vasdgame.com vatanbilgisayar.com vatican.va vaticannews.va
vaultdcr.com vbet.am vc.ru vcdn.biz vcmdiawe.com vcu.edu vds-shop.com vdsina.ru vecdnlb.com vecernji.hr vecteezy.com
vedantu.com vedcdnlb.com vedomosti.ru vedsalb.com veeam.com vegamovies.ps veikkaus.fi vendeeglobe.org venmo.com
ventraip.net.au venturebeat.com vercel-dns-3.com vercel-dns.com vercel.app verily.com verisign.com verisign.net
verizon.com verizon.net verizonwireless.com verkada-lan.com verkada.com versatel.de versus.com vertbaudet.fr
very.co.uk verywellfit.com verywellhealth.com verywellmind.com vesselfinder.com vewd.com vfsglobal.com vg.no
vhlcentral.com vhx.tv viafoura.co viator.com viber.com vice.com victoriassecret.com vidaahub.com vidazoo.com videa.hu
video.az videoamp.com videocelebs.net videojs.com videolan.org videonow.ru videoplayerhub.com videosdemadurasx.com
videowalldirect.com videy.co vidio.com vidmateapp.com vidoomy.com vidshare.site vidverto.io vidyard.com viefaucet.com
vietjack.com vietnamnet.vn viglink.com vigo.one vihub.ru viki.com viki.io vimeo.com vimeocdn.com vine.co vinted.co.uk
vinted.fr vinted.it vinted.pl virgilio.it virginia.edu virginia.gov virginm.net virginmedia.com virtua.com.br
virtualbox.org virtualearth.net virtualmin.com virustotal.com visa.com visitabudhabi.ae vista.ir vistaprint.com
visualcapitalist.com visualstudio.com visualwebsiteoptimizer.com viva.co.id vivaldi.com vivalocal.com vivastreet.co.uk
vivint.ai vivintsky.com vivo.com vivo.com.br vivo.com.cn vivoglobal.com vivox.com vizio.com vjav.com vk-analytics.ru
vk-apps.com vk-portal.net vk.com vk.me vk.ru vk.team vkontakte.ru vkplay.ru vkuser.net vkuseraudio.net vkuserphoto.ru
vkusvill.ru vkvideo.ru vlr.gg vlxx.mx vlxx.show vlxx.tech vmailru.net vmware.com vmwservices.com vnexpress.net vnn.vn
voanews.com vocabulary.com vodafone.com vodafone.com.tr vodafone.de vodafone.pt vogue.co.uk vogue.com voicemod.net
voici.fr voiranime.com voka.tv volces.com volcfcdndvs.com volcgslb.com volcgtm.com volkswagen.de voltaxam.com
volusion.com volvocars.com vonage.com vonedge.com voodoo-tech.io vox.com voximplant.com voz.vn vozpopuli.com vprok.ru
vps-vids.com vrbo.com vrt.be vsassets.io vsco.co vscode-cdn.net vseinstrumenti.ru vseosvita.ua vshkole.com vt.edu
vtb.ru vtbf.ru vtex.com vtwenty.com vu.edu.pk vudu.com vuejs.org vultr.com vulture.com vungle.com vwapps.run
vwgroup.com vxxx.com vyvymanga.net vz.ru vzbi.com vzw.com vzwwo.com w-x.co w.org w3.org w3schools.com w4nkr.com
w55c.net wa.gov wa.link wa.me wac-dc-msedge.net wac-msedge.net waho.pro wakelet.com wal-mart.com walesonline.co.uk
walgreens.com walkme.com wallapop.com walletconnect.com wallpapers.com walmart.ca walmart.com walmart.com.mx
walmartimages.com wamgame.jp wampserver.com wanadoo.fr wandera.com wannonce.com wantgoo.com wapbold.net waplog.com
wapoz.info warau.jp warframe.com wargaming.net warnerbros.com warnermediacdn.com warszawawpigulce.pl wartank.ru
warthunder.com warwick.ac.uk wasabisys.com washington.edu washingtonexaminer.com washingtonpost.com
washingtontimes.com wassenaar.org watch-movies.com.pk watchguard.com watchhentai.net watchlakorn.in wattpad.com wav.tv
wayfair.com wayport.net waze.com wb.com wb.ru wbbasket.ru wbinsights.com wbs.legal wbur.org wbx2.com wcdnga.com
wcofun.net wdckeystone.com wdr.de we-stats.com we.tl wear.jp weather.com weather.gov weatherbug.net weathercn.com
weathernews.jp web.app web.com web.de web.dev webcontentassessor.com webdav.org webempresa.eu webengage.com webex.com
webflow.com webflow.io webgo.de webhostbox.net webhosting.dk webmasters.com webmd.com webmotors.com.br webnode.com
webnovel.com webofcomics.ru weborama-tech.ru weborama.fr webpkgcache.com webpt.com webrootanywhere.com
webrootcloudav.com webs.com website-files.com websitewelcome.com websupport.sk webteb.com webthing.com webtoons.com
webxseries.net wechat.com wecima.movie weebly.com weerrhoop.cc weforum.org weibo.cn weibo.com weibocdn.com
weightwatchers.com wellsfargo.com welt.de weplayapp.com westernunion.com westmanga.fun wetest.net wetransfer.com
wetter.com wetteronline.de wfp.org wfxs.tw whatfix.com whatismyipaddress.com whatmobile.com.pk whatsapp.com
whatsapp.net whecloud.com which.co.uk whitehouse.gov whitepages.com whiterabbitpress.com who.int wholefoodsmarket.com
whoop.com wi.gov widen.net widgetable.net wikaba.com wikia.com wikibooks.org wikidot.com wikihow.com wikimapia.org
wikimedia.org wikipedia.com wikipedia.org wikiquote.org wikisource.org wikispaces.com wikitree.co.kr wikiwand.com
wikiwiki.jp wiktionary.org wildberries.ru wildlifestudios.com wiley.com willhaben.at williamhill.com
williams-sonoma.com win2day.at windguru.cz windows.com windows.net windowsazure.com windowscentral.com
windowsphone.com windowsupdate.com windscribe.com windy.com winzip.com wipo.int wired.co.uk wired.com wireshark.org
wisc.edu wise.com wistia.com wistia.net withairbnb.com withbuddies.com withgoogle.com withings.net wix.com wixapps.net
wixdns.net wixmp.com wixsite.com wixstatic.com wknd.ai wmo.int wn.com wnacg.com wolfram.com wolframalpha.com wolt.com
wolterskluwer.com womenshealthmag.com wondershare.com wonporn.com woocommerce.com wooga.com word.tips wordfence.com
wordpress.com wordpress.net wordpress.org wordreference.com wordstream.com wordwall.net work.ua workday.com
workers.dev workman.jp world.co.jp worldatlas.com worldbank.org worldcat.org worldfcdn2.com worldnic.com
worldoftanks.eu worldometers.info worldpopulationreview.com worldtimeapi.org worldtimeserver.com worldwildlife.org
worten.pt wowhead.com wp.com wp.me wp.pl wpadmngr.com wpastra.com wpengine.com wpenginepowered.com wpguardian.com
wpguardian.io wplay.co wps.cn wps.com wpscdn.cn wpscdn.com wpsdns.com wptrf.com wral.com wri.org wroc.pl wscdns.com
wsdvs.com wsdvs.info wsglb0.com wshareit.com wshifen.com wsimg.com wsj.com wsj.net wsoversea.com wsu.edu wsukwai.com
wswebcdn.com wswebcdn.info wswebpic.com wto.org wto.to wtxcdn.com wufoo.com wunderground.com wuporg.com wurl.com
wurl.tv wustl.edu wuxiabox.com wwd.com wwiops.io wwsga.me www.gob.mx www.gob.pe www.gov.br www.gov.cn www.gov.pl
www.gov.uk www.nhs.uk www1.ru wxlivecdn.com wynd.network wyndhamhotels.com wynk.in wyze.com wyzecam.com
x-cdn-static.com x.com x5.ru xand.com xataka.com xbanxia.com xbato.com xbox.com xboxab.com xboxlive.com xcafe.com
xcal.tv xda-developers.com xe.com xero.com xerox.com xfinity.com xfinityhome.com xg4ken.com xgroovy.com xham.live
xhamster.com xhamster.desi xhamster1.desi xhamster19.com xhamster2.com xhamster3.com xhamster42.desi xhamster43.desi
xhamsterlive.com xhcd.life xhcdn.com xhchannel.com xhdporno.name xhexperience.xyz xhofficial.com xhopen.com
xhpanda.xyz xhscdn.com xhspot.com xhstream.com xhwear.life xhwebsite5.com xhwide5.com xiaohongshu.com xiaomi.com
xiaomi.net xiaoyi.com ximalaya.com xincache.com xing.com xinhuanet.com xiti.com xkcd.com xkty9991.com xkty9992.com
xlgmedia.com xmaza.net xmlsoft.org xn--3-twfr7ca0a9jsa8a4lc6fd.com xn--l3cg7a8a0cwa3f.com xn--l3cmwb9e3d4b.com
xn--mgbkt9eckr.net xn--ngstr-lra8j.com xn--pckua2a7gp15o89zb.com xnalgas.com xnx33.com xnxx-arabic.com xnxx-cdn.com
xnxx-ru.com xnxx.com xnxx.es xnxx.health xnxx.place xnxx.tv xnxx2.com xnxx3.com xnxxarab.to xnxxcom.xyz xnxxfree.org
xnxxporn.video xnxxsex.net xorgasmo.com xoso.com.vn xosodaiphat.com xosothantai.mobi xossipy.com xozilla.com xpaja.net
xs4all.nl xserver.jp xskt.com.vn xsmn.mobi xsmn247.me xsph.ru xsrv.jp xtracloud.cn xtracloud.net xundns.com xunlei.com
xv-ru.com xvdesi.org xvideos-ar.com xvideos-cdn.com xvideos.com xvideos.es xvideos005.com xvideos2.com xvideos3.com
xvideos4.com xvideos5.com xvideos69.xxx xvideosporno.blog.br xvideosputaria.com xvtest.net xvv1deos.com xxnx.kim
xxnx.mobi xxpkg.com xxvideos.video xxx.com xxx.report xxx18.uno xxx18hot.com xxxbfvideos.to xxxbp.tv xxxhindi.to
xxxi.porn xxxsexjav.com xxxshake.com xxxvideo.best xxxvideo.blog xxxvideo.link xxxz.tv y2mate.com y2mate.nu y41w4.com
y8.com ya.ru yad.com yad2.co.il yadro.ru yads.tech yaeby.club yahoo.co.jp yahoo.com yahoo.net yahoodns.net
yahoosandbox.net yaklass.ru yakored1.net yale.edu yalla-shoot-tv.live yallakora.com yamaha.com yammer.com
yandex-team.ru yandex.by yandex.com yandex.com.tr yandex.eu yandex.kz yandex.net yandex.ru yandexadexchange.net
yandexcloud.net yandexmetrica.com yango.com yanmaga.jp yaplakal.com yasexe.pro yastatic.net yatv1.com ycombinator.com
yeahtargeter.com yektanet.com yellowblue.io yelp.com yengo.com yesplay.bet yesstyle.com yg5sjx5kzy.com ygg.re
ygosu.com yieldlove-ad-serving.net yieldmo.com yimg.com yimg.jp yinzcam.com yle.fi ylilauta.org ymcdn.org ymmobi.com
yna.co.kr ynet.co.il yoast.com yodobashi.com yolasite.com yomiuri.co.jp yoomoney.ru york.ac.uk yorku.ca yospace.com
yotpo.com yottaa.net youboranqs01.com youdao.com yougile.com yougov.com youjizz.com youku.com youm7.com
youngjoygame.com youporn.com your-server.de youradchoices.ca youradchoices.com yourdictionary.com
youronlinechoices.com youronlinechoices.eu yourtango.com youtu.be youtube-nocookie.com youtube.com youversionapi.com
yp.to yr.no ys7.com yt1d.com ytimg.com ytmp3.la yts.mx yuanshen.com yumpu.com yutex.ru yximgs.com yy.com zadn.vn
zagreb.info zahid.host zahraa.mr zakon.kz zalan.do zalando.be zalando.com zalando.de zalando.es zalando.fr zalando.it
zalando.nl zalando.pl zalando.se zalo.me zaloapp.com zapier.com zapimoveis.com.br zappos.com zapto.org zara.com
zazzle.com zbato.com zbato.org zbiornik.com zbporn.com zbporn.tv zcvh.net zdassets.com zdbb.net zdf.de zdn.vn
zdnet.com zdnscloud.biz zdnscloud.cn zdnscloud.com zdnscloud.info zdnscloud.net zdxcloud.net zearn.org zeasn.tv
zebawy.com zebra.com zedge.net zee5.com zeit.de zemanta.com zencdn.net zend.com zendesk.com zenecn.net zenlogic.net
zenodo.org zenon.net zentrick.com zeotap.com zepto.co.in zerocdn.com zerodha.com zerogpt.com zerohedge.com zerozero.pt
zeturf.com zeturf.fr zg-api.com zhihu.com zijieapi.com zillow.com zillowstatic.com zimad.com zimbra.com zimperium.com
zing.vn zippia.com ziprecruiter.com zistop.com zlib.net znanija.com zoho.com zoho.eu zohocdn.com zohopublic.com
zol.com.cn zomato.com zona-militar.com zonaprop.com.ar zonatelecom.ru zonatmo.com zone-turf.fr zoneedit.com
zoofilia.blog zoom.com zoom.us zoomdev.us zoomgov.com zoominfo.com zoomit.ir zoomus.cn zoopla.co.uk zooplus.io
zopim.com zotero.org zoznam.sk zozo.jp zpath.net zrelki.link zscaler.com zscaler.net zscalerthree.net zscalertwo.net
zscloud.net ztedevices.com ztomy.com zuimeitianqi.com zuora.com zupee.com zus.pl zvuk.com zwtianshangm.com zynga.com
zyxel.com
`;
