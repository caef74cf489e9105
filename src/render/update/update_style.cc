// What the page of an update adds to the style sheet of html/style.cc.
#include "render/update/parts.h"

namespace render::page {

std::string_view update_style() {
  return R"css(
:root{--gain:var(--pass);--loss:var(--fail);--insback:rgba(45,112,80,.2);--delback:rgba(169,43,33,.17)}
@media (prefers-color-scheme:dark){:root{--insback:rgba(105,182,144,.26);--delback:rgba(224,105,94,.26)}}
.versions{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 2rem;margin-top:1rem}
.version h2{font-size:.8rem;letter-spacing:.08em;text-transform:uppercase;color:var(--quiet);margin:0}
.version dl.facts{margin-top:.3rem}
.verdict{color:var(--v)}
.sign{display:inline-block;width:1.3em;margin-right:.4em;text-align:center;text-indent:0;border-radius:3px;font:700 .9rem/1.3 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;color:var(--paper);background:var(--quiet)}
.sign.c-gained{background:var(--gain)}.sign.c-lost{background:var(--loss)}.sign.c-changed{background:var(--conditional)}.sign.c-moved{background:var(--disclosed)}
ol.lines{list-style:none;margin:.5rem 0;padding:0}
ol.lines li{padding:.32rem 0 .32rem 1.9rem;text-indent:-1.9rem;border-top:1px solid var(--line);overflow-wrap:anywhere}
.topic{margin:1.4rem 0}.topic h3{margin:0 0 .4rem;text-transform:capitalize}
.change{background:var(--card);border:1px solid var(--line);border-radius:7px;margin:.45rem 0;min-width:0}
.change summary{cursor:pointer;padding:.5rem .8rem;overflow-wrap:anywhere;list-style:none}
.change summary::-webkit-details-marker{display:none}
.change summary::after{content:"\25b8";float:right;margin-left:.6rem;color:var(--quiet)}.change[open]>summary::after{content:"\25be"}
.change .inside{padding:0 .8rem .7rem;scroll-margin-top:7rem}
.change .inside:target{outline:2px solid var(--link);outline-offset:-2px;border-radius:0 0 7px 7px}
.weaker{color:var(--fail)}
.sides{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:.8rem;border-top:1px solid var(--line);padding:.55rem 0 .2rem;margin-top:.35rem}
.sides>div{min-width:0}.sides p{margin:.1rem 0}
.sides .before{border-left:3px solid var(--loss);padding-left:.6rem}.sides .now{border-left:3px solid var(--gain);padding-left:.6rem}
.sides .none{color:var(--quiet);font-style:italic;font-size:.9rem}
.sides .hex{display:block}.sides .hex span{display:block}
del,ins{text-decoration:none;border-radius:2px}del{background:var(--delback)}ins{background:var(--insback)}
.f-gained{color:var(--gain)}.f-lost{color:var(--loss)}
.news{background:var(--link)!important;color:var(--paper);font-weight:600}
@media (max-width:640px){.versions,.sides{grid-template-columns:minmax(0,1fr)}.versions{gap:1rem}.version dl.facts{grid-template-columns:max-content minmax(0,1fr);gap:.15rem .8rem}.version dl.facts dd{margin:0}}
)css";
}

std::string_view update_script() {
  return R"js(
'use strict';
(() => {
  const byId = (id) => document.getElementById(id);
  const [find, topic, kind, news, state] = ['find', 'topic', 'kind', 'new', 'change-count'].map(byId);
  if (!find) return;
  const groups = [...document.querySelectorAll('.topic')].map((group) => ({
    group, about: group.dataset.topic,
    changes: [...group.querySelectorAll('.change')].map((change) => ({ change, text: change.textContent.toLowerCase(), kind: change.dataset.kind, news: change.dataset.new })),
  }));
  const all = groups.reduce((n, g) => n + g.changes.length, 0);
  const show = () => {
    const words = find.value.toLowerCase().split(' ').filter(Boolean);
    let count = 0;
    for (const { group, about, changes } of groups) {
      let here = 0;
      for (const c of changes) {
        const fits = (!topic.value || topic.value === about) && (!kind.value || kind.value === c.kind) && (!news.value || news.value === c.news) && words.every((w) => c.text.includes(w));
        c.change.hidden = !fits;
        here += fits ? 1 : 0;
      }
      group.hidden = here === 0;
      count += here;
    }
    byId('no-change').hidden = count > 0;
    state.textContent = `${count} of ${all} changes`;
  };
  find.addEventListener('input', show);
  for (const list of [topic, kind, news]) list.addEventListener('change', show);
  // A line that leads to a change opens it, also where a filter hides it.
  const open = () => {
    const inside = location.hash.startsWith('#c') && byId(location.hash.slice(1));
    const change = inside && inside.closest('.change');
    if (!change) return;
    if (change.hidden) {
      for (const list of [find, topic, kind, news]) list.value = '';
      show();
    }
    change.open = true;
    inside.scrollIntoView();
  };
  addEventListener('hashchange', open);
  for (const hidden of document.querySelectorAll('[data-script]')) hidden.hidden = false;
  show();
  open();
})();
)js";
}

}  // namespace render::page
