// The page's one script: searching the evidence. The page is complete without it. It only ever
// sets textContent, so no string of a product becomes markup.
#include "render/html/parts.h"

namespace render::page {

std::string_view script() {
  return R"js(
'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const list = document.getElementById('evidence-list');
  const find = document.getElementById('find');
  const facet = document.getElementById('facet');
  const state = document.getElementById('evidence-count');
  const size = 50;
  let page = 0;
  const whole = data.evidence.map((e) => [...e.slice(0, 2), data.places[e[2]], ...e.slice(3)].join('\u0000').toLowerCase());
  const element = (tag, text, name) => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (name) made.className = name;
    return made;
  };
  for (const name of [...new Set(data.evidence.map((e) => e[0].split(' ')[0]))].sort()) {
    const option = element('option', name);
    option.value = name;
    facet.append(option);
  }
  const row = ([what, value, place, where, excerpt, id]) => {
    const li = document.createElement('li');
    li.append(element('span', what, 'w'), element('code', value));
    li.append(element('div', data.places[place] + (where ? ', ' + where : '') + ', ' + id, 'quiet'));
    if (excerpt) li.append(element('code', excerpt, 'x'));
    return li;
  };
  const show = () => {
    const words = find.value.toLowerCase().split(' ').filter(Boolean);
    const hits = [];
    data.evidence.forEach((e, i) => {
      if (facet.value && e[0].split(' ')[0] !== facet.value) return;
      if (words.every((w) => whole[i].includes(w))) hits.push(e);
    });
    const pages = Math.max(1, Math.ceil(hits.length / size));
    page = Math.min(Math.max(0, page), pages - 1);
    list.replaceChildren(...hits.slice(page * size, page * size + size).map(row));
    state.textContent = `${hits.length} of ${data.evidence.length} pieces, page ${page + 1} of ${pages}`;
    document.getElementById('back').disabled = page === 0;
    document.getElementById('on').disabled = page >= pages - 1;
  };
  const again = () => { page = 0; show(); };
  find.addEventListener('input', again);
  facet.addEventListener('change', again);
  document.getElementById('back').addEventListener('click', () => { --page; show(); });
  document.getElementById('on').addEventListener('click', () => { ++page; show(); });
  for (const hidden of document.querySelectorAll('[data-script]')) hidden.hidden = false;
  show();
})();
)js";
}

}  // namespace render::page
