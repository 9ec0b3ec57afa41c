/** The look of a report: one style sheet, light and dark, no fonts or files from elsewhere. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #16202e; --soft: #5b6777; --rule: #e1e5ea; --accent: #2458c5;
  --train: #2f6fde; --validation: #b8500f; --hit: 36, 88, 197; --miss: 196, 62, 28;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10141a; --card: #181e26; --ink: #e8edf3; --soft: #9aa7b6; --rule: #2a323d; --accent: #86aefc;
    --train: #7fb0ff; --validation: #ffa45e; --hit: 98, 150, 255; --miss: 255, 120, 80;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 20px 64px; }
h1 { font-size: clamp(1.7rem, 4vw, 2.4rem); line-height: 1.15; margin: 0 0 4px; letter-spacing: -0.02em; }
h2 { font-size: 1.2rem; margin: 0 0 12px; letter-spacing: -0.01em; }
p { margin: 0 0 12px; }
.lead, .note, figcaption { color: var(--soft); }
.note { font-size: 0.9rem; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 14px; padding: 22px; margin-top: 18px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 24px 0 0; padding: 0; }
.tiles div { background: var(--card); border: 1px solid var(--rule); border-radius: 14px; padding: 16px 18px; }
.tiles dt { color: var(--soft); font-size: 0.85rem; }
.tiles dd { margin: 2px 0 0; font-size: 1.55rem; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -0.02em; }
.tiles .first dd { color: var(--accent); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 18px; }
.chart { margin: 0; }
.chart svg { width: 100%; height: auto; display: block; overflow: visible; }
.grid { stroke: var(--rule); }
.mark { stroke: var(--soft); stroke-dasharray: 3 4; }
.tick { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.label { font-size: 13px; font-weight: 600; }
.line { fill: none; stroke-width: 2.25; stroke-linejoin: round; }
.line.train, .dot.train { stroke: var(--train); } .line.validation, .dot.validation { stroke: var(--validation); }
.line.validation { stroke-dasharray: 7 4; }
.dot { fill: var(--card); stroke-width: 1.75; }
.label.train { fill: var(--train); } .label.validation { fill: var(--validation); }
.point { fill: var(--train); fill-opacity: 0.5; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
th, td { padding: 5px 10px; text-align: right; }
th { font-weight: 600; color: var(--soft); }
th[scope="row"] { text-align: left; white-space: nowrap; }
tbody tr + tr { border-top: 1px solid var(--rule); }
.confusion td { min-width: 2.9em; padding: 6px 8px; text-align: center; border: 2px solid var(--card); border-radius: 8px; background: rgba(var(--miss), calc(var(--share) * 0.85)); }
.confusion td.hit { background: rgba(var(--hit), calc(0.06 + var(--share) * 0.5)); font-weight: 600; }
.confusion td.none { color: var(--soft); opacity: 0.55; }
.confusion tbody tr + tr { border: 0; }
.confusion thead th { text-align: center; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(124px, 1fr)); gap: 14px; padding: 0; margin: 0; list-style: none; }
.mistakes li { border: 1px solid var(--rule); border-radius: 10px; padding: 8px; font-size: 0.82rem; line-height: 1.35; }
.mistakes img { width: 100%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; background: #000; border-radius: 6px; display: block; margin-bottom: 6px; }
.mistakes b { color: var(--validation); }
details { margin-top: 14px; } summary { cursor: pointer; color: var(--accent); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 4px 18px; margin: 0; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 28px; color: var(--soft); font-size: 0.85rem; }
@media print { body { background: none; } section { break-inside: avoid; } }
`
