/** Part 1 of 4 of the most used sites, see `popular.ts`. Words of one list in alphabetical order. */
export const POPULAR_1 = `
037hdmovie.com 10086.cn 100panel.com 101.ru 10jqka.com.cn 123-hd.com 123av.com 123moviesfree.net 123rf.com 123rutor.su
123tt.ru 126.net 1337x.to 1377x.to 15min.lt 163.com 163img.com 163jiasu.com 166.com 1688.com 16clouds.com
16personalities.com 17track.net 17u.cn 189.cn 18comic.org 18comic.vip 19216811.uno 1984.is 1c.ru 1capp.com 1cbit.ru
1cfresh.com 1cloud.ru 1cv8update.com 1drv.com 1drv.ms 1e100.net 1gb.ru 1geki.jp 1gt.ru 1internet.tv 1kuttymovies.net
1mg.com 1password.com 1rx.io 1tv.ru 20min.ch 20minutes.fr 20minutos.es 21cineplex.com 21cn.com 21vek.by 24-hd.com
24.hu 247sports.com 24chasa.bg 24h.com.vn 24h.tv 24sata.hr 24tv.ua 24ur.com 24xxx.party 270towin.com 2ch2.net 2cnt.net
2dehands.be 2gis.com 2gis.ru 2kcoretech.online 2mdn.net 2miners.com 2o7.net 32red.com 33across.com 360.cn 360.com
360qhcdn.com 360safe.com 360totalsecurity.com 360yield.com 365scores.com 3bmeteo.com 3djuegos.com 3ds.com 3gl.net
3gppnetwork.org 3hentai.net 3isk.biz 3lift.com 3m.com 3moviesda.com 3movs.com 3ona.co 3rabxn.com 3sex.com 3xyaoi.com
4.cn 4chan.org 4dex.io 4kporn.xxx 4pda.to 4shared.com 4wps.net 500px.com 50union.com 51.la 52shuku.vip 53.com
550909.com 5ch.net 5movierulz.io 5movierulz.to 69shu.biz 69shuba.cx 6sc.co 7-zip.org 747-9.com 7games.bet 7mmtv.sx
7tv.app 888scoreonline.net 8ballpool.com 8k8app11.com 8x8.com 91mobiles.com 999.md 99acres.com 99taxis.mobi
9animetv.to 9gag.com 9news.com.au 9to5mac.com a-ads.com a-mo.net a-msedge.net a-mx.com a-mx.net a.co a1q7.net
a2dns.com a2hosting.com a2z.com a3cloud.net a47b.com aa.com aa.com.tr aaa.com aaacdn.net aade.gr aadrm.com aafp.org
aagag.com aagmaal.moi aajtak.in aap.org aapanel.com aapanel.org aaplimg.com aappublications.org aarki.net
aarnet.net.au aarp.org aastocks.com abadis.ir abb.com abbott.com abc.com abc.es abc.net.au abcp.ru abebooks.com
abema.tv abercrombie.com ably.io abola.pt about.com about.google about.me aboutads.info aboutamazon.com
aboutcookies.org abovedomains.com abozeb.com abplive.com abril.com.br abs-cbnip.tv absher.sa abtasty.com abxxx.com
academia.edu academy.com acast.com accenture.com accompany.com accor.com accuweather.com acehardware.com acer.com
acesso.gov.br acgnxtracker.com acint.net aclu.org acm.org acompli.net acorns.com acoustic-adm.com acrobat.com
acronis.com acs.org acsbapp.com action-media.ru action.com actionverb.com active.com activebeat.com activehosted.com
activemetering.com activision.com activtrak.net actu.fr actualno.com acuityplatform.com acuityscheduling.com
ad-delivery.net ad-m.net ad-score.com ad-stir.com ad.gt ad.nl ada.support adac.de adaether.com adafruit.com adage.com
adam4adam.com adbeat.club adblockplus.org addthis.com addtoany.com adelaide.edu.au adelement.com adentifi.com
adevarul.ro adform.net adfox.ru adgrx.com adguard-vpn.online adguard.com adguard.io adhigh.net adidas.com adingo.jp
adition.com aditude.io adjarabet.com adjoe.zone adjust.com adkernel.com adkwai.com adlightning.com adliran.ir
admanmedia.com admaster.cc adme.media admedo.com admhmao.ru admin.ch admixer.net adnkronos.com adnxs-simple.com
adnxs.com adnxs.net adobe.com adobe.io adobe.net adobecces.com adobeconnect.com adobecqms.net adobedc.net adobedtm.com
adobejanus.com adobelogin.com adobesc.com adobess.com adorocinema.com adotmob.com adp.com adprime.com adriver.ru
adroll.com adrta.com ads-twitter.com adsafeprotected.com adsbynimbus.com adscale.de adsco.re
adsensecustomsearchads.com adserv.ai adskeeper.com adsmoloco.com adspower.net adsrvr.org adswizz.com adtarget.com.tr
adtdp.com adtelligent.com adthrive.com adtidy.org adtng.com adtrafficquality.google adukwai.com adultfriendfinder.com
adultwork.com advact.ch adventori.com advertising.com adweek.com adxpremium.services adyen.com adzerk.net aemet.es
aeolservice.es aepd.es aeroflot.ru aeropres.in aetna.com af.mil afafb.com afcdn.net affec.tv affirm.com
afilias-nst.info afilias-nst.org afip.gob.ar afp.com afr.com afraid.org afribaba.com afrinic.net afternic.com
afterpay.com aftonbladet.se aftvrsys.com ag.gov.au agenciatributaria.gob.es agenziaentrate.gov.it agkn.com agoda.com
agones.gr agora.io ahacdn.me ahagamecenter.com ahajournals.org ahcdn.com ahnlab.com ahrefs.com aibixby.com aidata.io
aidemsrv.com aif.ru aig.com aihelp.net aip.org airasia.com airbnb.com aircanada.com airdroid.com airee.ru airtable.com
airtel.in aiscore.com aiv-cdn.net aiv-delivery.net aivencloud.com aj2396.online aj2555.bid ajax.systems ajay.app
ajc.com ajio.com ak-is2.net aka.ms akadns.net akadns88.net akadns99.net akahost.net akakce.com akam.net
akamai-access.com akamai.com akamai.net akamaiedge.net akamaihd.net akamaistream.net akamaitech.net
akamaitechnologies.com akamaized.net akaquill.net akasripcn.net akbars.ru akc.org akismet.com akstat.io aktuality.sk
al-adtech.com al-array.com al.com ala.org alamy.com alarabiya.net alarbda.com alarm.com alarmnet.com alaska.gov
alaskaair.com albelli.com alberta.ca albumaty.com albumoftheyear.org alcmpn.com alerts.in.ua alexa.com alfabank.ru
alfasense.com algolia.io algolia.net algolianet.com alhurra.com aliapp.org alibaba-inc.com alibaba.com
alibabachengdun.com alibabacorp.com alibabadns.com alibabausercontent.com alicdn.com alidns.com aliexpress-media.com
aliexpress.com aliexpress.ru aliexpress.us alikunlun.com alikunlun.net alipay.com alipaydns.com alipayobjects.com
aliyun.com aliyuncs.com aliyuncsslbintl.com aljazeera.com aljazeera.net alkosto.com allaboutcookies.org allawnos.com
allawntech.com alldesiporn.com allegro.com allegro.cz allegro.pl allfreenovel.com allhen.online allianz.com allianz.de
allmusic.com allocine.fr allporncomic.com allrecipes.com allstate.com alltel24.ru allthefallen.moe alltrails.com
allure.com ally.com allyonostore.com almaany.com almasryalyoum.com alo.bg alo.rs alodokter.com alpha-hen.com
alpha-prm.jp alphapolis.co.jp alphonso.tv altavista.com altema.jp altervista.org altibbi.com alura.com.br alz.org
alza.cz ama-assn.org amagi.tv amap.com amarujala.com amateri.com amazon-adsystem.com amazon-dss.com amazon.ae
amazon.ca amazon.co.jp amazon.co.uk amazon.com amazon.com.au amazon.com.br amazon.com.mx amazon.com.tr amazon.de
amazon.dev amazon.eg amazon.es amazon.fr amazon.in amazon.it amazon.jobs amazon.nl amazon.pl amazon.sa amazon.se
amazon.work amazonalexa.com amazonaws.com amazonaws.com.cn amazoncognito.com amazonses.com amazonsilk.com
amazontrust.com amazonvideo.com ambito.com amd.com ameba.jp amebaownd.com ameblo.jp amedia.site ameli.fr amemv.com
americanas.com.br americanbar.org americanexpress.com americanprogress.org amnesty.org amocrm.ru amp-endpoint2.com
amp-endpoint3.com amperwave.net amplience.net amplifyapp.com amplitude.com amplreq.com ampproject.net ampproject.org
ams1907.com amsoveasea.com amtrak.com amung.us amurobl.ru amzn.to an1.com ana.co.jp anandabazar.com ancestry.co.uk
ancestry.com anchor.fm andbeyond.media andhrajyothy.com androeed.ru android.com androidauthority.com androidoyun.club
angelfire.com angelone.in angi.com aniagotuje.pl anilife.live animalzoosex.world animanch.com anime-sama.fr
anime-sugoi.com animedekho.net animefire.plus animeflv.net animego.org animeonline.ninja animepahe.ru animeshentai.biz
animesonlinecc.to animestars.org animeyuzu.com anitaku.bz aniview.com aniwatchtv.to aniworld.to anker-in.com ankr.com
anlian.co annunci69.it anoboy.icu anondns.net anota.ai anrdoezrs.net ansa.it anses.gob.ar answers.com anthropic.com
antibanads.com anticheatexpert.com antigena.com anu.edu.au anwap.today anybunny.org anyclip.com anydesk.com
anyflip.com anysex.com anythinktech.com anyxxx.com anzu-us.com aol.co.uk aol.com aoxx69.net ap.org ap4r.com apa.org
apache-ssl.org apache.org apachefriends.org apachelounge.com apachetoday.com apachetutor.org aparat.com apartments.com
apartmenttherapy.com apdcdn.com api.aws apigee.net apkcombo.com apkfunny.com apkmirror.com apkmody.com apkpure.com
apkpure.net apktorrents.com apl-alexa.com apnews.com apnic.net apollopharmacy.in apornvideo.com
app-analytics-services-att.com app-analytics-services.com app-measurement.com app-us1.com app.link appboy.com
appboycdn.com appcenter.ms appcues.net appdomain.cloud appdynamics.com appfolio.com appiancloud.com appier.net
appiersig.com apple-cloudkit.com apple-dns.cn apple-dns.net apple-mapkit.com apple.co apple.com apple.com.cn
apple.news appleinsider.com applovin.com applvn.com appmedia.jp appnext.com apps.chrome appsflyer.com appsflyersdk.com
appspot.com apptentive.com apptimize.com aps.org aptoide.com aptrinsic.com apuestasroyal.com apuestatotal.com aqsi.ru
arab-xn.com arabam.com arabnudes.net arabsex.to arabshentai.com arabx.cam arabxn.com arabysexy.mobi aralego.com
arbada.com arbada.net arbeitsagentur.de arc-msedge.net arca.live arcgis.com archdaily.com architecturaldigest.com
archive-digger.com archive.is archive.org archive.ph archiveofourown.org archives.gov archlinux.org arcpublishing.com
arcticwolf.net ardmediathek.de arduino.cc arenaplus.net argentina.gob.ar argos.co.uk ariba.com arin.net aritzia.com
arizona-rp.com arizona.edu arkoselabs.com arlo.com arm-msedge.net armgs.team armndx.com army.mil arnebrachhold.de
arpanet.jp arstechnica.com arte.tv articulate.com artnet.com artstation.com aruba.it arubainstanton.com
arubanetworks.com aruodas.lt arvancdn.ir arxiv.org aryion.com arzdigital.com as.com as7850.net asadal.net asahi.com
asana.com asd.quest asda.com ashemaletube.com asianetnews.com asics.com ask.com askubuntu.com asm.org asos.com
asp-frontier.net aspnetcdn.com asriran.com assertcom.de assoass.com astonishlandmassnervy.com astro.com
astrumnival.com asu.edu asuracomic.net asus.com asuscomm.com at.ua aternos.org atg.se athemes.com athenahealth.com
athlonsports.com athome.co.jp atl-paas.net atlasobscura.com atlassian.com atlassian.net atlastunnel.com atol.ru
atom.com atomile.com att-idns.net att.com att.net attentivemobile.com attn.tv attwifi.com atv.com.tr au.com aucdn.net
auchan.fr auctollo.com audacy.com audible.com audioeye.com audiomack.com auerproxy.de augipt.com august.com auone.jp
auth0.com auth0app.com auth0edge.com author.today authorize.net authorizedvault.com auto24.ee autobild.de autoblog.com
autodesk.com autoevolution.com autogidas.lt autohome.com.cn automattic.com automox.com autoplius.lt autoscout24.de
autoscout24.it autotrader.co.uk autotrader.co.za autotrader.com autozone.com auvik.com av-th.net av19a.com av380.net
avast.com avcdn.net avdbs.com avg.com aviasales.com aviasales.ru avid.com avidreaders.ru avira.com avira.net avito.ma
avito.ru avito.st avlyun.com avon.com avsubthai.me avsxappcaptiveportal.com avto.net awafim.tv awardpongsur.org
aweber.com awin1.com awmcdn.net awmdm.com aws-prd.net aws.com aws.dev awsapprunner.com awsapps.com awsdns-02.com
awsdns-03.com awsdns-08.com awsdns-09.com awsdns-13.com awsdns-24.com awsdns-25.com awsdns-29.com awsdns-34.com
awsdns-35.com awsdns-39.com awsdns-49.com awsdns-52.com awsdns-58.com awsdns-61.com awsglobalaccelerator.com
awsstatic.com awstrack.me awswaf.com ax-dc-msedge.net ax-msedge.net axios.com axis.com axon.ai axonix.com axs.com
ay.delivery aylanetworks.com ayobandung.com az24.vn azbyka.ru azcentral.com azeriseks.org azet.sk azioncdn.net
aznude.com azoramoon.com azure-api.net azure-devices.net azure-dns.com azure-dns.info azure-dns.net azure-dns.org
azure.cn azure.com azure.net azure.us azureedge.net azureedge.us azurefd.net azuregov-dns.us azurerms.com
azureserv.com azurewebsites.net b-cdn.net b-msedge.net b-port.com b2c.com b2clogin.com b92.net babu88g.com
baby-calendar.jp babybus.com babycenter.com bac.com backblaze.com backblazeb2.com backend-youboost-extension.com
backlinko.com backtrace.io badoo.com badoocdn.com bahesab.ir bahn.de baidu-itm.com baidu.com baidu.hk
baishan-cloud.net bajajfinserv.in baji.live bakecaincontrii.com bakusai.com ballotpedia.org baltimoresun.com bama.ir
bamboohr.com bambuser.com bamgrid.com banahosting.com banco.bradesco bancodevenezuela.com bancoestado.cl
bancogalicia.com.ar bancointer.com.br band.us bandcamp.com bandlab.com bandsintown.com banesconline.com bangcdn.net
bangkokpost.com banglachotikahinii.com bankbazaar.com banki.ru bankofamerica.com bankofindia.com bankrate.com
banvenez.com baomoi.com bappam.market bappam.to barchart.com bark.us barnesandnoble.com barracuda.com
barracudacentral.org barracudanetworks.com barrons.com bartarinha.ir bartleby.com basalam.com basecamp.com basf.com
bash.com basspro.com batch.com batchaibakraub.com bathandbodyworks.com batmanapollo.ru bato.to batotoo.com battle.net
battwo.com baycrews.jp bayer.com bayern.de baza-knig.ink bazaarvoice.com bazar.bg bazos.cz bazos.sk bb.com.br bbb.org
bbc.co.uk bbc.com bbcgoodfood.com bbci.co.uk bbrdbr.com bbtec.net bbva.mx bc-sync.com bc.edu bc.kz bcdnx.com
bcebos.com bcelive.com bcg.com bcgame.top bcv.org.ve bcvcdn.com bd33fgabh.com bdstatic.com bdurl.net bdydns.com
beacons.ai beanywhere.com beastiality.tv bebesong.com beboo.ru bedbathandbeyond.com beeg.com beeg.porn beehiiv.com
beeline.ru beelinegprs.ru beforward.jp beget.com beget.pro beget.ru beget.tech behance.net beian.gov.cn
belezanaweb.com.br belgium.be belk.com belka-games.com belkin.com bell-labs.com bell.ca bellemaison.jp bellsouth.net
belluna.jp bendingspoonsapps.com bentley.com benzinga.com berkeley.edu berlin.de besoccer.com best-hit.tv best82.com
bestanswersforme.com bestbuy.ca bestbuy.com bestialitysextaboo.net bestjavporn.com bestsecret.com bet30.click
bet365.com bet365.it bet7k.com bet9ja.com beta-bank.ru betano.com betao.com betcity.ru betclic.ci betesporte.com
betfair.com betflag.it bethesda.net betika.com betjili.com betking.com betmgm.com betnacional.com betpawa.cm
betpawa.co.tz betpawa.ug betplay.com.co betproexch.com betrad.com betswiz.in betterhelp.com betway.co.mz betway.co.za
betway.co.zm betweendigital.com beyla.site beyondtrustcloud.com bezeq.co.il bezeqint.net bfmio.com bfmtv.com bgdns.net
bharian.com.my bhaskar.com bhg.com bhphotovideo.com bible.com biblegateway.com biblehub.com bibliaon.com biccamera.com
bidderstack.com bidease.com bidmachine.io bidr.io bidster.net bidswitch.net bidtheatre.com bidvol.com
bigbadtoystore.com bigcartel.com bigcommerce.com bigdatacloud.net bigfishgames.com biglobe.ne.jp biglots.com bigo.sg
bigolive.tv bigpond.com bigthink.com bikedekho.com bikewale.com bild.de biletinial.com bilibili.com bilibili.tv
bilicdn1.com bilimclass.kz bilivideo.com billboard.com binance.com binance.info bing.com bing.net bingapis.com
bingoplus.com biobiochile.cl biography.com biomedcentral.com biorxiv.org birminghammail.co.uk bistudio.com bit.ly
bitbucket.org bitchute.com bitcoin.com bitcoin.org bitdefender.com bitdefender.net bitget.com bitly.com bitmaster.ru
bitmoji.com bitnami.com bitrix.info bitrix24.com bitrix24.ru bitrixphone.com bittorrent.com bitwarden.com bixbyllm.com
bizimhesap.com bizjournals.com bizport.cn bk6bba-resources.com bkn.go.id bl.uk blackberry.com blackboard.com
blackbox.ai blackfriday.com blackline.com blacknight.com blackrock.com blackrussia.online blackspider.com
blancheporte.fr blaze.com blaze1.space blcdog.com bldrdoc.gov bleacherreport.com bleepingcomputer.com blender.org
blendlabs.com blesk.cz blibli.com blic.rs blick.ch blikk.hu bling.com.br blismedia.com blitz.bg blitz.gg blizzard.com
blockchain.info blockdh100b.net blockdh100c.co blocket.se blog.google blogger.com bloglovin.com blogs.com blogspot.ca
blogspot.co.uk blogspot.com blogspot.com.au blogspot.com.br blogspot.com.es blogspot.de blogspot.fr blogspot.in
blogspot.it blogspot.ru bloodyelbow.com blooket.com bloomberg.com bloomberglaw.com bloomingdales.com bls.gov
blueapron.com bluecava.com blueconic.net bluecore.com bluehost.com bluekai.com bluestacks.com bluestone.com
bluesystem.me blum.codes blurb.com bmcnews.com.br bmj.com bms.com bmwgroup.com bnbstatic.com bnf.fr bngf.ru
boafoda.com boardgamearena.com boardgamegeek.com boat-lifestyle.com boatrace.jp bobaedream.co.kr bobibanking.com
bodegaaurrera.com.mx bodis.com bodycontact.com boe.es boeing.com boingboing.net bokepi.com bol.com bol.io bola.com
bolasport.com bolavip.com bolha.com bollyflix.meme bolt.eu boltdns.net bom.gov.au bonappetit.com bongacams.com
bongdalu42.com bongdalu808.com bongdanet.co bongdaplus.vn bongdaso66.net bonprix.de booking.com booklive.jp
bookmark.xxx bookmyshow.com bookshop.org boomplay.com boomplaymusic.com boomtrain.com boosty.to booth.pm boots.com
bootstrapcdn.com boozt.com boredpanda.com borsaitaliana.it bosch.com bose.com bose.io boston.com bostonglobe.com
bostonherald.com boticario.com.br botinok.porn boulanger.com bounceexchange.com bouncex.net boundhub.com
boursorama.com boutell.co.uk boutell.com bouyguestelecom.fr box.com box.net boxcdn.net boxif.xyz boxnovel.com
boxofficemojo.com boxthis.xyz boy18tube.com boyfriendtv.com boylove.cc boyuanhulian.com bp.com bpexch.com bplay.bet.ar
bplslb.com br.de bradesco.com.br brainly.co.id brainly.com brainly.com.br brainly.in brainly.lat brainly.ph
brainlyads.com braintree-api.com braintreegateway.com brainyquote.com branch.io brand-display.com brandmetrics.com
brave.com brawlstarsgame.com braze-images.com braze.com braze.eu brazino777.com brdbuxte.com breitbart.com brevo.com
bricklink.com bricodepot.fr bridgeoos.com brightcloud.com brightcove.com brightcove.net brightspace.com brinkpos.net
britannica.com britishairways.com britishcouncil.org britishmuseum.org brivo.com broadcom.com bromium-online.com
bronze.systems brookings.edu brother.com brown.edu browser-intake-datadoghq.com browserstack.com browsiprod.com
brstej.com brunch.co.kr bsclink.cn bseindia.com bsgslb.cn bsgslb.com bsky.app bsky.network bspb.ru bstatic.com
bstats.org bt.co bt.com bt.dk bt.net btloader.com bttrack.com btttag.com bu.edu buchstaben.com buffalo.edu buffer.com
bufferapp.com bugfender.com bugsnag.com buienradar.nl bumble.com bumlam.com bund.de bundestag.de bunny.net
bunnyinfra.net bunshun.jp business-standard.com business.site business2community.com businessinsider.com
businessinsider.com.pl businessnewsdaily.com businesstech.co.za businesstoday.in businessweek.com businesswire.com
bustle.com bustybus.com but.fr buumal.com buydomains.com buyee.jp buymeacoffee.com buzzarab.com buzzfeed.com
buzzfeednews.com buzzoola.com buzzsprout.com bvfcdn.com bx-msedge.net byabcde.com byapps.net bybdc6.com bybit-aws.com
bybit.biz bybit.com byd3c3.com byjus.com byspotify.com byte008.com bytedance.com bytedns1.com bytedns3.com
byteeffecttos-g.com bytefcdn-oversea.com bytefcdn-ttpeu.com bytefcdn.com bytegecko-i18n.com byteglb.com bytegsdk.com
byteimg.com byteintl.com byteintlapi.com bytelb.com bytelb.net bytens.net byteoversea.com byteoversea.net bytetcdn.com
byu.edu bzsn.ru c-msedge.net c-span.org c212.net c6gj-static.net ca-servers.ca ca.gov cableone.net cachefly.net
cachenow.net cadenaser.com caelumbee.co.uk caesars.com cafe24.com cafebazaar.ir cafef.vn cafepress.com caixa.gov.br
caiyicloud.com calameo.com calculator.net calendly.com caliente.mx callofduty.com callrail.com calm.com caltech.edu
cam.ac.uk cam4.com cambridge.org cambridgeone.org cambro.io cambro.tv camelopardalisbee.com cameraprive.com
campaign-archive.com camsoda.com camwhores.tv camwhores.video canada.ca canadiantire.ca canalblog.com canalrcn.com
cancan.ro cancer.gov cancer.org cancerresearchuk.org caniuse.com canon.com canonical.com canva.com canva.site
canvas-user-content.com capcut.com capcutapi.com capcutvod.com capgemini.com capital.fr capitalone.com
capitalonegslbex.com capitaloneshopping.com captcha-delivery.com capterra.com car.gr caranddriver.com cardekho.com
cardgames.io cardinalcommerce.com cardsmobile.ru care.com careem-engineering.com careem-internal.com careerbuilder.com
careerpower.in carfax.com cargill.com cargocollective.com cargurus.com carnet.hr carnival.com carrd.co
carrefour.com.br carrefour.es carrefour.fr carriersignal.info carrierzone.com cars.com carsensor.net
carteldemanhwas.com carvana.com carview.co.jp carwale.com carystudio.com cas.sk casa.it casalemedia.com
casapariurilor.ro casasbahia.com.br case.edu cash.app cashify.in cashstar.com casinoenvivo.club casinoplus.com.ph
casio.com cassinopix.com castbox.fm cat.com catawiki.com catchthemes.com catterpiller.com cbc.ca cbp.gov cbr.com
cbr.ru cbre.com cbrpay.ru cbs.com cbsaavideo.com cbsi.com cbsivideo.com cbslocal.com cbsnews.com cbssports.com
cc-ecdn.net cc.com ccc.de ccc.eu cccooperate.com ccgateway.net ccleaner.com cctld.us cctv.com cdbaby.com cdc.gov
cdek.ru cdiscount.com cdkeys.com cdn-apple.com cdn-kaspi.kz cdn-net.com cdn-sw.net cdn-tinkoff.ru cdn-website.com
cdn.house cdn20.com cdn28.com cdn30.com cdn4image.com cdn77.org cdnbasket.net cdnbuild.net cdnga.net cdngc.net
cdngslb.com cdngtm.com cdnhwc1.cn cdnhwc1.com cdnhwc10.cn cdnhwc10.com cdnhwc2.com cdnhwc3.com cdnhwc6.com cdnhwc7.com
cdnhwccmz121.com cdnhwcgqa21.com cdnhwcoem01.com cdnhwcuim119.com cdnhwczba04.com cdninstagram.com cdnmg.com
cdnstream1.com cdnvideo.ru cdnwidget.com cdromance.org cdxcn.net cea.com.br cedexis-radar.net cedexis-test.com
cedexis.com cedexis.net cejoapsoo.net cell.com cellphones.com.vn celtra.com celuapuestas.io ceneo.pl cengage.com
censor.net census.gov centauro.com.br centos.org centraldasapostas.net centralnic.net centrastage.net centrum24.pl
centurygame.com centurylink.net cern.ch certum.pl cfr.org cgood.ru cgtn.com championat.com chanel.com change.org
changeip.com channel4.com channelexco.com channelmyanmar.to channelnewsasia.com character.ai chartbeat.com
chartbeat.net chartboost.com charter.com charter.net chartink.com chase.com chatgpt.com chaturbate.com chaturbate.eu
chavesnamao.com.br check24.de checkpoint.com cheezburger.com chefkoch.de chegg.com chess-results.com chess.com
chewy.com chicagotribune.com chichi-pui.com chick-fil-a.com chime.aws chimpstatic.com china-channel.com china.com
china.com.cn chinacloudapi.cn chinadaily.com.cn chinamobile.com chinanetcenter.com chinanews.com chinanews.com.cn
chinaq.tv chinatimes.com chinaz.com chip.de chipotle.com chishi.ir chittorgarh.com chochox.com chocopinglate.org
choicehotels.com chordtela.com chosun.com christies.com chrome.com chromium.org chron.com chronicle.com chuangcdn.com
chumbacasino.com churchofjesuschrist.org churnzero.net cia.gov cian.ru ciceksepeti.com cienradios.com cifraclub.com.br
cigna.com cikrf.ru cimri.com cinemablend.com cinemagia.ro cinemark.com cinepolis.com cinepornogratis.com cio.com
cisa.gov cisco.com ciscospark.com citi.com citibank.com citigroup.com citilink.ru citrix.com citrixworkspacesapi.net
cityheaven.net civicscience.com civitai.com ck-ie.com ck.page clamav.net clara.es clarin.com clarity.ms clarium.io
claro.com.ar claro.net.br clashofclans-layouts.com clashofclans.com clasohlson.com claspws.tv classdojo.com
classlink.com classmates.com claude.ai claveunica.gob.cl clck.ru cldin.eu clean.gg clearnview.com clemson.edu
cleveland.com clevelandclinic.org clever.com clevertap-prod.com cleverwebserver.com clickagy.com clickbank.net
clickmeeting.com clickpetroleoegas.com.br clicktale.net clicktripz.com clickup.com clientgear.com climatempo.com.br
clinch.co clinicaltrials.gov clip2vip.com clipsho.com clmbtech.com cloud-fdc.com cloud.com cloud.microsoft
cloudapp.net cloudappsecurity.com cloudbackup.management cloudbirds.cn clouddatahub.net cloudez.io cloudfilter.net
cloudflare-dns.com cloudflare-gateway.com cloudflare.com cloudflare.net cloudflareclient.com cloudflareinsights.com
cloudflareresolve.com cloudflarestatus.com cloudflarestorage.com cloudfront.net cloudfunctions.net cloudhub.io
cloudinary.com cloudlinks.cn cloudlinux.com cloudns.net cloudscdn.net cloudsink.net cloudtrax.com cloudwaysapps.com
clover.com clover.network cmail19.com cmail20.com cmbchina.com cmcm.com cmd.su cmediahub.ru cmjornal.pt cmoa.jp
cms.gov cmu.edu cnbc.com cnbcfm.com cnbcindonesia.com cnblogs.com cnet.com cnews.fr cnil.fr cnki.net cnmsn.net cnn.com
cnn.io cnnamador.com cnnbrasil.com.br cnnindonesia.com cnolnic.net cnr.it cnrs.fr cnstrc.com cntraveler.com cntv.cn
cnzz.com cobbenergyphone.com coca-cola.com coches.net codashop.com code.org code42.com codebig2.net codecademy.com
codecanyon.net codedish.co codeforces.com codeium.com codepen.io codeplex.com codmwest.com coe.int coffeemanga.io
cognitivlabs.com coinbase.com coindesk.com coingecko.com coinmarketcap.com coinmaster.com coinmastergame.com
coinpan.com coinspot.com.au cointelegraph.com colaboraread.com.br colamanga.com collegeboard.org collider.com
collinsdictionary.com colorado.edu colorado.gov colorlib.com coloros.com colossusssp.com colostate.edu columbia.edu
com.be com.com com.nl com.ru com.se comcast.com comcast.net comcastbusiness.net comfortel.pro comfy.ua comicbook.com
comick.io comiko.net comodo.com comodoca.com company-target.com company.site compass.com complex.com complianz.io
computerworld.com computrabajo.com concedederaserskyline.com concepto.de concursolutions.com concursosnobrasil.com
conectate.com.do conferdeploy.net confiant-integrations.net confirmtkt.com confluent.cloud conforama.fr
confusingepisodevest.com congress.gov conn3ct.space connatix.com connectad.io connextra.com consentmanager.net
constantcontact.com constellix.com consultant.ru consumerfinance.gov consumerreports.org contaboserver.net
contentful.com contentsquare.net contentstack.io contextualadv.com contextweb.com control4.com controlup.com
converse.com convertexperiments.com convertio.co convertkit.com conviva.com cookiebot.com cookiedatabase.org
cookielaw.org cookieyes.com cookpad.com coolblue.nl coolccloud.com coolmathgames.com coolrom.com.au coomer.su
cootek.com cootlogix.com copart.com coppel.com copper6.com copyleft.no copyright.gov core.ac.uk corel.com cornell.edu
corpinter.net correios.com.br correoargentino.com.ar corriere.it cosme.net cosmic345.co cosmopolitan.com costco.ca
costco.com cottonon.com coub.com counterpane.com countryliving.com coupadev.com coupahost.com coupang.com
coupangcdn.com coupert.com coursehero.com coursera.org coveo.com covers.com cowtpvi.com cox.net coxautoinc.com
cpan.org cpanel.com cpanel.net cpi.ad.jp cpmstar.com cpsc.gov cq0.co cqloud.com cquotient.com cra.cz craigslist.org
crashlytics.com crateandbarrel.com crazyegg.com crazygames.com crazyporn.xxx crcldu.com createjs.com
creative-serving.com creativecdn.com creativecommons.org creativefabrica.com credit-agricole.fr creditkarma.com
creditmutuel.fr credly.com cri.cn cribl.cloud cricbuzz.com cricket.com.au cricketwireless.com crisp.chat criteo.com
criteo.net croc.ru crocs.com cronista.com cronolog.org crowd-umlaut.com crowdstrike.com croxyproxy.com crpt.ru
crsspxl.com cruisecritic.net crunchbase.com crunchyroll.com crwdcntrl.net cryoutcreations.eu crypto.com crystalbet.com
crystals.ru csc.gov.in cscdns.net csdn.net csfd.cz csic.es csiro.au csis.org csmonitor.com cspserver.net ct.gov
ctacdn.cn ctadns.cn ctcdn.com.cn ctdcdn.com ctdns.cn ctfassets.net ctgcdn.com ctlcdn.cn ctmail.com ctnsnet.com
ctreserve.de ctrip.com ctrls.in ctvnews.ca ctxcdn.com cudasvc.com cuemath.com cuhk.edu.hk cuisineaz.com cultura.com
cumhuriyet.com.tr cumlouder.com cuni.cz cuny.edu curalate.com curbed.com curl.se currys.co.uk curseforge.com cursor.sh
cust-service.com custhelp.com customer.io cutout.pro cutt.ly cvent.com cvs.com cvte.com cwa.gov.tw cwi.nl cxense.com
cxwelcome.com cybera.net cyberark.com cyberfolks.pl cyberghost.app cyberprotector.online cybersource.com
cybertrust.com cygwin.com cylance.com cymru.com czbooks.net d-53.jp d-net.pro dachicky.com dafiti.com.br dafont.com
dagbladet.no dagospia.com daily.co.jp dailycaller.com dailydot.com dailyhunt.in dailyinnovation.biz dailykos.com
dailymail.co.uk dailymotion.com dailynews.co.th dailyrecord.co.uk dailystar.co.uk dallasnews.com dalyfeds.com dan.com
dana.id danas.rs dandomain.dk dantri.com.vn danword.com daraz.com.bd daraz.pk darkero.com darknaija.com
darknessporn.com dartmouth.edu darty.com daryo.uz daserste.de dash.bet dashlane.com dashnxdomain.net databank.com
databricks.com datacamp.com datacredito.do datadoghq-browser-agent.com datadoghq.com datadome.co datapipe.net
dataprivacyframework.gov datart.cz datastax.com datatables.net datezone.com datto.com daum.net dawn.com day1.ir
dayunlinks.cn db.com dbankcdn.cn dbankcdn.com dbankcdn.ru dbankcloud.asia dbankcloud.cn dbankcloud.com dbankcloud.eu
dbankcloud.ru dbankedge.cn dbankedge.net dbs.com dc.gov dcinside.com dckr.io dcloudlive.com dcloudstc.com
ddd-smart.net ddizi.im ddns.net ddnss.de de.net deadline.com dealerinspire.com debian.org decathlon.es decathlon.fr
decathlon.in decathlon.it deccanherald.com decolar.com dedeman.ro deepai.org deephot.link deepintent.com deepl.com
deere.com deezer.com defense.gov defybrick.com degruyter.com delaware.gov deleted-ns.pw delfi.ee delfi.lt delfi.lv
delgarm.com delhivery.com delicious.com delish.com delishkitchen.tv deliverimp.com deliveryhero.io deliveryhero.net
dell.com dellin.ru dellsupportcenter.com deloitte.com delta.com deltaork.com demandbase.com demandware.net demdex.net
demon.co.uk demonii.com demonware.net denverpost.com depop.com depositphotos.com dericnet.com derstandard.at
derwesten.de deseret.com desi-porn.tube desicinemas.tv designboom.com desitales2.com desitelugusex.com desjardins.com
desmos.com destacamos.com destentor.nl desync.com detailroi.com deti-online.com detik.com detroitnews.com dev.to
deviantart.com deviantart.net device9.com devicetask.com devline.tv dewafilm.xyz dexcom.com dexscreener.com dezeen.com
dfaklj.tech dfbocai.net dfmc.com.cn dhakapost.com dhayxeqnylmaparu.net dhgate.com dhl.com dhl.de dhnet.be dhs.gov
diabetes.org diagramjawlineunhappy.com dialoguecorp.com diamond.jp dianping.com diariouno.com.ar
dickssportinggoods.com dictionary.com didiglobal.com dienmayxanh.com diez.hn digbearings.com digg.com digi24.ro
digialm.com digicert.com digicertdns.com digikala.com digiseller.com digisport.ro digistorm.com digital.com
digitaleast.mobi digitalgov.gov digitaljournal.com digitallocker.gov.in digitalocean.com digitaloceanspaces.com
digitalspy.com digitaltarget.ru digitaltrends.com digitalturbine.com diigo.com dinahosting.com dinamalar.com
dingtalk.com dinotube.com dion.ne.jp dior.com directnic.com directv.com diretta.it disa.mil discogs.com discomax.com
discord.com discord.gg discord.media discordapp.com discordapp.net discover.com discovermagazine.com discovery.com
dish.com disney-plus.net disney.co.jp disney.com disneyplus.com disqus.com disquscdn.com distmed.com divar.ir divvy.co
diy.com diziwatch.net diziyou.co dizy.com djangoproject.com dji.com djpunjab.is dkinternal.com dler.org dlink.com
dlsite.com dmca.com dmcdn.net dmdiao.com dmdsdp.com dmed.kz dmm.co.jp dmm.com dmoz.org dmxleo.com dn.se dnacdn.net
dnaindia.com dnb.com dndbeyond.com dnevnik.hr dnevnik.ru dnevno.hr dnofd.com dns-diy.com dns-diy.net dns-finder.com
dns-parking.com dns-servers.vn dns-shop.ru dns-tm.com dns.br dns.cn dns.com dns.eu dns.google dns.id dns.it dns.jp
dns.ne.jp dns.pt dns.tw dns04.com dnsdomen.com dnse0.com dnse1.com dnse2.com dnse3.com dnse4.com dnse5.com dnsexit.com
dnsimple.com dnsmadeeasy.com dnsowl.com dnspod.com dnspod.net dnsv.jp dnsv1.com dnsv1.com.cn dnsv4.com dnsv5.com
dnszi.com dochord.com docker.com docker.io docomo.ne.jp docsachhay.net docsend.com doctolib.fr doctoralia.com.br
doctoreto.com documentcloud.org docusign.com docusign.net doe.gov dogdrip.net doi.org dol.gov domain.com
domaincontrol.com domainer.biz domainmarket.com domainnamedns.com domainserver.ne.jp domaintools.com dome9.com
domestika.org dominos.com domru.ru dondominio.com donedeal.ie donga.com donmai.us donya-e-eqtesad.com dood.li dood.to
doodle.com doordash.com doppiocdn.com doppiocdn.live doppiocdn.net doramalive.news doramy.club dorzeczy.pl dot.gov
dotloop.com dotmetrics.net dotnxdomain.net dotomi.com dotvndns.vn dotyk.cz douban.com doubleclick.com doubleclick.net
doublelist.com doubleverify.com doujindesu.tv douyin.com douyincdn.com douyinliving.com douyinpic.com douyinvod.com
doviz.com dowjones.io downloadmv.site doxygen.nl doxygen.org doz.pl dpbossss.services dpreview.com dr.dk
draftkings.com dramaboxdb.com dramacool.bg drawnames.com dreame.tech dreamhost.com dreammail.jp dreamstime.com
drecom.jp drexel.edu dribbble.com drift.com drikpanchang.com drive2.ru drivemusic.me drmgms.com drogaraia.com.br
drogariasaopaulo.com.br drogasil.com.br drom.ru dropbox-dns.com dropbox.com dropboxapi.com dropboxstatic.com
dropboxusercontent.com dropcam.com dropcatch.com dropgame.jp dropmms.com dropz-k.com drugs.com druni.es drupal.org
drweb.com dsp-redirect.com dssedge.com dssott.com dtignite.com dtln.ru dto.jp dto.to dtruyen.net dtsan.net dtscdn.com
dtscout.com dtvce.com dual-s-dc-msedge.net dual-s-msedge.net duapps.com duba.net duckdns.org duckduckgo.com ducunt.com
duke.edu dunelm.com duolingo.com duosecurity.com duowanns.com dutils.com dv.tech dvr163.com dw.com dwcdn.net dwin1.com
dyingbirds.com dyn.com dyna-ns.net dynamic-dns.net dynamics.com dynamicyield.com dynatrace.com dynatracelabs.com
`;
