import type { HostCategory } from '../../types/indicators.ts';

/** Names of one category, each for itself and everything below it. */
export interface CategoryList {
  category: HostCategory;
  /** Separated by white space, so that a list is read and compared as one. */
  names: string;
  /** Where the names are from, and under which licence; absent: our own review. */
  source?: string;
}

/** Licence: MIT, as ClawWatch itself, where a list names no other source. */
export const CATEGORIES_REVIEW = { asOf: '2026-11-20', licence: 'MIT' } as const;

// From lists of mining pools in Maltrail's crypto_mining (MIT, Copyright (c) 2014 Maltrail developers), reviewed: pools
// and donation hosts of miners only, no single addresses, nothing that also has another use.
const MINING_SOURCE = 'selected from Maltrail, trails/static/suspicious/crypto_mining.txt, MIT';

/**
 * What kinds of hosts there are for a purpose that matters here. None of these is bad by itself: who contacts it decides.
 * Names that only have a path of that kind (a paste page of a large site) are left out, since paths are not seen.
 */
export const CATEGORY_LISTS: readonly CategoryList[] = [
  {
    category: 'webhook',
    names: `
webhook.site webhook.cool webhookrelay.com m.pipedream.net requestbin.com requestbin.net requestbin.io requestcatcher.com
beeceptor.com hookbin.com hookdeck.com postb.in ptsv2.com ptsv3.com typedwebhook.tools smee.io requestrepo.com putsreq.com
mockbin.io mockbin.org interact.sh interactsh.com oast.pro oast.live oast.site oast.online oast.fun oast.me oastify.com
burpcollaborator.net canarytokens.com canarytokens.org dnslog.cn ceye.io dnshook.site pingb.in
`,
  },
  {
    category: 'automation',
    names: `
hooks.zapier.com hook.eu1.make.com hook.eu2.make.com hook.us1.make.com hook.us2.make.com app.n8n.cloud maker.ifttt.com
`,
  },
  {
    category: 'paste',
    names: `
pastebin.com rentry.co rentry.org glot.io hastebin.com ghostbin.com ghostbin.co dpaste.com dpaste.org paste.ee paste.rs
pastes.dev controlc.com justpaste.it privatebin.net ix.io sprunge.us termbin.com telegra.ph graph.org write.as bpa.st
cl1p.net codepad.org paste.mozilla.org paste.gg paste.debian.net paste.sh hastebin.skyra.pw bin.shortbin.eu t.me
`,
  },
  {
    category: 'filedrop',
    names: `
transfer.sh file.io gofile.io 0x0.st catbox.moe pixeldrain.com temp.sh bashupload.com tmpfiles.org oshi.at uguu.se
anonfiles.com bayfiles.com filebin.net wormhole.app send.vis.ee upload.ee mega.nz mega.co.nz workupload.com ufile.io
keep.sh tmp.ninja litterbox.catbox.moe transfer.adminforge.de fileditch.com
`,
  },
  {
    category: 'chat',
    names: `
api.telegram.org discord.com discordapp.com discord.gg slack.com open.feishu.cn open.larksuite.com oapi.dingtalk.com
api.dingtalk.com qyapi.weixin.qq.com api.pushover.net ntfy.sh api.day.app api.line.me graph.facebook.com
api.pushbullet.com api.pushplus.plus sctapi.ftqq.com
`,
  },
  {
    category: 'tunnel',
    names: `
trycloudflare.com ngrok-free.app ngrok-free.dev ngrok.app ngrok.dev ngrok.io loca.lt lhr.life lhr.rocks localhost.run
serveo.net serveousercontent.com pinggy.io pinggy.link pinggy.online bore.pub portmap.io portmap.host playit.gg
packetriot.net pktriot.net btunnel.co.in zrok.io telebit.cloud telebit.io localtonet.com tunnelmole.net localxpose.io
loclx.io devtunnels.ms tunnelto.dev tunnel.pyjam.as
`,
  },
  {
    // Where the agent of a tunnel connects to: whoever talks to it, opens a way in.
    category: 'tunnel-control',
    names: `
bore.pub serveo.net localhost.run a.pinggy.io connect.ngrok-agent.com tunnel.ngrok.com tunnel.us.ngrok.com
tunnel.eu.ngrok.com v2.argotunnel.com update.argotunnel.com cftunnel.com control.playit.gg ssh.localhost.run
api.v1.zrok.io tunnels.api.visualstudio.com global.rel.tunnels.api.visualstudio.com
`,
  },
  {
    category: 'dyndns',
    names: `
duckdns.org ddns.net no-ip.com no-ip.org no-ip.biz noip.com hopto.org zapto.org sytes.net myftp.org myftp.biz redirectme.net
serveftp.com servebeer.com serveblog.net servehttp.com servegame.com bounceme.net gotdns.ch ddnsking.com 3utilities.com
dyndns.org dyndns.info dynalias.com dynalias.net homeip.net dnsalias.com is-a-geek.com dynu.net dynu.com mooo.com us.to
chickenkiller.com ignorelist.com strangled.net twilightparadox.com crabdance.com dynv6.net dedyn.io nsupdate.info
changeip.com changeip.net dns04.com dnsdynamic.org 1dumb.com ydns.eu spdns.de spdns.org myddns.rocks freeddns.org
ddnsfree.com accesscam.org casacam.net giize.com gleeze.com kozow.com loseyourip.com ooguy.com theworkpc.com webredirect.org
webhop.me webhop.net freedynamicdns.net nip.io sslip.io xip.io
`,
  },
  {
    category: 'platform',
    names: `
workers.dev pages.dev vercel.app netlify.app onrender.com web.app firebaseapp.com glitch.me replit.dev replit.app repl.co
herokuapp.com r2.dev fly.dev railway.app up.railway.app deno.dev surge.sh github.io gitlab.io azurewebsites.net
cyclic.app koyeb.app val.run web.val.run hf.space
`,
  },
  {
    category: 'doh',
    names: `
dns.google dns64.dns.google cloudflare-dns.com one.one.one.one mozilla.cloudflare-dns.com chrome.cloudflare-dns.com
dns.quad9.net doh.opendns.com dns.nextdns.io dns.adguard-dns.com doh.cleanbrowsing.org doh.pub dns.alidns.com
dns.mullvad.net dns.sb doh.dns.sb freedns.controld.com ordns.he.net
`,
  },
  {
    category: 'mining',
    source: MINING_SOURCE,
    names: `
minergate.com miningpoolhub.com minexmr.com minexmr.cn moneropool.com moneropool.nl crypto-pool.fr crypto-pool.info
dwarfpool.com xmrpool.eu xmrpool.net xmrpool.de xmrpool.me xmrpool.xyz usxmrpool.com prohash.net nanopool.org
ethereumpool.co suprnova.cc siamining.com multipool.us xmrminer.cc supportxmr.com hashvault.pro monerohash.com
poolmining.org pool.xmr.pt poolto.be moneroocean.stream fee.xmrig.com donate.xmrig.com donate.ssl.xmrig.com
donate.v2.xmrig.com randomx.xmrig.com koto-pool.work herominers.com trtl.cnpool.cc miner.rocks mine2gether.com noobxmr.com
moriaxmr.com viaxmr.com bohemianpool.com mixpools.org mypool.online minercircle.com cryptmonero.com ratchetmining.com
minemonero.gq mining.bittubeapp.com f2pool.com litecoinpool.org bizxmr.cc mine.zpool.ca drill.moneroworld.com
`,
  },
  {
    // Gates to onion services for programs that have no Tor.
    category: 'tor',
    names:
      'onion.to onion.ly onion.ws onion.pet onion.cab onion.city onion.link onion.moe onion.sh tor2web.org tor2web.io',
  },
  {
    category: 'installer',
    names: `
openclaw.ai get.docker.com sh.rustup.rs static.rust-lang.org astral.sh bun.sh bun.com deb.nodesource.com claude.ai
tailscale.com pkgs.tailscale.com ollama.com
`,
  },
  { category: 'brand', names: 'openclaw.ai clawhub.ai clawd.bot molt.bot' },
];

/** Where Telegram's servers are (MISP warning list telegram-ips of 2026-01-19, CC0 1.0): tells a chat without a name. */
export const TELEGRAM_NETWORKS = `
149.154.160.0/20 91.105.192.0/23 91.108.4.0/22 91.108.8.0/22 91.108.12.0/22 91.108.16.0/22 91.108.20.0/22 91.108.56.0/22
185.76.151.0/24 2001:67c:4e8::/48 2001:b28:f23c::/48 2001:b28:f23d::/48 2001:b28:f23f::/48 2a0a:f280::/32
`;
