// The page's style sheet. System fonts, two palettes (light and dark), one column, nothing wider
// than the screen: only hex dumps and tables may scroll, inside their own box.
#include "render/html/parts.h"

namespace render::page {

std::string_view style() {
  return R"css(
:root{color-scheme:light dark;
--paper:#fbfaf8;--card:#ffffff;--ink:#1d2126;--quiet:#626a73;--line:#e2dfd9;--soft:#f3f1ed;--link:#22577a;
--fail:#a92b21;--conditional:#a86a00;--pass:#2d7050;--inconclusive:#3d5a99;--disclosed:#5d84ab;--none:#d3d6d8;
--examined:#4d8f80;--structure:#8aa7be;--padding:#d0d3d6;--known:#9db37c;--scanned:#dcb45a;--opaque:#6c5a7d;
--chip:rgba(255,255,255,.86);--chipink:#1d2126}
@media (prefers-color-scheme:dark){:root{
--paper:#15181b;--card:#1c2024;--ink:#e4e6e8;--quiet:#9aa3ac;--line:#31373d;--soft:#23282d;--link:#8fc1e3;
--fail:#e0695e;--conditional:#d9a243;--pass:#69b690;--inconclusive:#8aa5e0;--disclosed:#5d84ab;--none:#3a4147;
--examined:#3f7a6d;--structure:#5f7e97;--padding:#454c53;--known:#748a53;--scanned:#b28b35;--opaque:#8a74a0;
--chip:rgba(18,21,24,.8);--chipink:#f0f2f4}}
*{box-sizing:border-box}[hidden]{display:none!important}
html{scroll-behavior:smooth;scroll-padding-top:3.5rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}
main,header>div,nav>div,footer{max-width:1080px;margin:0 auto;padding:0 20px}
h1,h2,h3{line-height:1.25;margin:0;font-weight:650;text-wrap:balance;overflow-wrap:anywhere}
h1{font-size:1.9rem}h2{font-size:1.3rem;margin:0 0 .6rem}h3{font-size:1.05rem}
main>section>h3{margin:1.4rem 0 .4rem}
p{margin:.4rem 0;overflow-wrap:anywhere}
a{color:var(--link)}
code,pre,.hex{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;font-size:.84rem;unicode-bidi:isolate;direction:ltr}
code{overflow-wrap:anywhere}
.quiet{color:var(--quiet);font-size:.9rem}
header{background:var(--card);border-bottom:1px solid var(--line);border-top:6px solid var(--v);padding:26px 0 20px}
.v-pass{--v:var(--pass)}.v-conditional{--v:var(--conditional)}.v-fail{--v:var(--fail)}.v-inconclusive{--v:var(--inconclusive)}
.kicker{margin:0 0 .3rem;color:var(--quiet);font-size:.8rem;letter-spacing:.08em;text-transform:uppercase}
.top{display:flex;gap:1rem 1.6rem;align-items:flex-start;justify-content:space-between;flex-wrap:wrap}
.top>div{flex:1 1 18rem;min-width:0}
.stamp{flex:none;margin:0;padding:.32rem 1rem;border:3px solid var(--v);color:var(--v);border-radius:6px;font-weight:750;font-size:1.35rem;letter-spacing:.06em}
.lead{font-size:1.06rem;margin:.7rem 0 .2rem}
.reasons{margin:.7rem 0 0;padding:0;list-style:none}
.reasons li{padding:.3rem 0 .3rem .8rem;border-left:4px solid var(--v);margin:.35rem 0;overflow-wrap:anywhere}
.reasons a{color:inherit;text-decoration-color:var(--line)}
dl.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.15rem 1rem;margin:1rem 0 0;font-size:.92rem}
dl.facts dt{color:var(--quiet)}dl.facts dd{margin:0;overflow-wrap:anywhere}
nav{position:sticky;top:0;z-index:5;background:var(--paper);border-bottom:1px solid var(--line)}
nav>div{display:flex;gap:1.1rem;overflow-x:auto;white-space:nowrap;scrollbar-width:none}
nav a{padding:.6rem 0;text-decoration:none;font-size:.92rem}
nav a:hover{text-decoration:underline}
main>section{margin:2.2rem 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1rem 1.15rem;margin:.8rem 0;min-width:0}
.finding{border-left:5px solid var(--e)}
.e-fail{--e:var(--fail)}.e-conditional{--e:var(--conditional)}.e-disclose{--e:var(--disclosed)}
.badges{display:flex;flex-wrap:wrap;gap:.35rem;margin:.5rem 0;padding:0;list-style:none;font-size:.8rem}
.badges li{background:var(--soft);border-radius:4px;padding:.08rem .5rem;overflow-wrap:anywhere}
.badges .effect{background:var(--e);color:#fff;font-weight:600}
@media (prefers-color-scheme:dark){.badges .effect{color:#14171a}}
dl.say{display:grid;grid-template-columns:8.2rem minmax(0,1fr);gap:.3rem .8rem;margin:.6rem 0}
dl.say dt{color:var(--quiet);font-size:.9rem}dl.say dd{margin:0;overflow-wrap:anywhere}
.exhibit{border-top:1px solid var(--line);padding:.6rem 0 .2rem;margin-top:.6rem;min-width:0}
.exhibit p{margin:.1rem 0}
.place{font-size:.88rem}
pre,.hex{margin:.4rem 0 0;padding:.55rem .7rem;background:var(--soft);border-radius:5px;overflow-x:auto;max-width:100%}
code.line{white-space:pre-wrap}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
.hex{display:flex;flex-wrap:wrap;gap:0 1.6rem;line-height:1.5}
.hex span{white-space:pre}.hex i{color:var(--quiet);font-style:normal}
ul.plain{margin:.4rem 0;padding-left:1.1rem}ul.plain li{overflow-wrap:anywhere;margin:.2rem 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;padding:.45rem .7rem .45rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
th{color:var(--quiet);font-weight:550;font-size:.85rem}
table.stack td:last-child{min-width:13rem}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.state{white-space:nowrap;font-weight:600}.s-confirmed{color:var(--pass)}.s-contradicted,.s-undeclared{color:var(--fail)}.s-unobserved,.s-void{color:var(--quiet)}
.bar{display:flex;height:22px;border-radius:5px;overflow:hidden;margin:.6rem 0}
.bar i{display:block;min-width:2px}
.swatch{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.5em;vertical-align:-.05em}
.mapbox input{position:absolute;opacity:0}
.mapbox>label{display:inline-block;padding:.3rem .8rem;border:1px solid var(--line);border-radius:5px;cursor:pointer;font-size:.9rem;margin-right:.4rem;background:var(--card)}
.mapbox input:checked+label{background:var(--ink);color:var(--paper);border-color:var(--ink)}
.mapbox input:focus-visible+label{outline:2px solid var(--link);outline-offset:2px}
.key{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.85rem;color:var(--quiet)}
.key i{display:inline-block;width:.85em;height:.85em;border-radius:2px;margin-right:.4em;vertical-align:-.08em}
.key-finding,#by-finding:checked~.key-coverage{display:none}#by-finding:checked~.key-finding{display:flex}
.map{position:relative;width:100%;aspect-ratio:2/1;background:var(--soft);border-radius:6px;overflow:hidden}
.map .t,.map .g{position:absolute;overflow:hidden;border:1px solid var(--paper)}
.map .t{background:var(--c);text-decoration:none;font-size:11px;line-height:1.25;min-width:3px;min-height:3px}
.map a.t[href]:hover,.map a.t:focus-visible{outline:2px solid var(--ink);outline-offset:-2px}
.map .t span{display:inline-block;max-width:100%;padding:0 3px;background:var(--chip);color:var(--chipink);white-space:nowrap;overflow:hidden;text-overflow:ellipsis;border-radius:0 0 3px 0;vertical-align:top}
.map .g{background:var(--card)}
.map .g>b{display:block;height:16px;padding:0 4px;font:600 11px/16px system-ui,sans-serif;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;color:var(--quiet)}
.map .g>div{position:absolute;inset:16px 0 0 0}
#by-finding:checked~.map .t{background:var(--f)}
.m-fail{--f:var(--fail)}.m-conditional{--f:var(--conditional)}.m-disclosed{--f:var(--disclosed)}.m-none{--f:var(--none)}
.key i.m-fail,.key i.m-conditional,.key i.m-disclosed,.key i.m-none{background:var(--f)}
.tree ul{list-style:none;margin:0;padding-left:1.05rem;border-left:1px solid var(--line)}
.tree>ul{padding-left:0;border:0}
.tree summary,.tree .leaf{padding:.16rem 0;cursor:default;overflow-wrap:anywhere;font-size:.92rem}
.tree summary{cursor:pointer}.tree .leaf{padding-left:1.05rem}
.tree small{color:var(--quiet);margin-left:.5rem}
.tree .mini{display:inline-block;width:46px;height:8px;border-radius:2px;margin-left:.5rem;vertical-align:1px}
.tree :target{background:var(--soft);outline:2px solid var(--link);border-radius:3px}
.flag{color:var(--e);font-weight:600;font-size:.82rem;margin-left:.5rem}
.find{display:flex;flex-wrap:wrap;gap:.6rem;margin:.5rem 0}
.find input,.find select,.pages button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:5px;padding:.42rem .7rem;min-width:0}
.find input{flex:1 1 14rem}
.pages{display:flex;gap:.6rem;align-items:center;margin:.7rem 0}
ol.evidence{list-style:none;margin:0;padding:0}
ol.evidence>li{border-top:1px solid var(--line);padding:.55rem 0;min-width:0;overflow-wrap:anywhere}
ol.evidence .w{font-weight:600;font-size:.88rem;margin-right:.5rem}
ol.evidence .x{display:block;color:var(--quiet);white-space:pre-wrap}
footer{padding:1.4rem 20px 3rem;color:var(--quiet);font-size:.85rem;border-top:1px solid var(--line)}
@media (max-width:640px){
body{font-size:15px}main,header>div,nav>div,footer{padding-left:14px;padding-right:14px}
h1{font-size:1.5rem}.map{aspect-ratio:4/5}.card{padding:.85rem .9rem}
dl.say,dl.facts{grid-template-columns:minmax(0,1fr);gap:0}dl.say dd,dl.facts dd{margin-bottom:.45rem}
table.stack td:last-child{min-width:0}table.stack thead{display:none}table.stack tr{display:block;border-bottom:1px solid var(--line);padding:.45rem 0}
table.stack td{display:block;border:0;padding:.05rem 0}
.hide-small{display:none}}
@media print{nav,.find,.pages{display:none}body{background:#fff}.card{break-inside:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)css";
}

}  // namespace render::page
