/** The colours and lines of a picture that stands alone; client/webview/style.css has the same with an editor's colours. */

const LIGHT = { ink: '#1f2328', paper: '#ffffff', quiet: '#656d76', rule: '#d0d7de', error: '#cf222e', warning: '#9a6700', info: '#0969da',
  'epoch-0': '#6639ba', 'epoch-1': '#0969da', 'epoch-2': '#b35900', 'epoch-3': '#1a7f37', 'epoch-4': '#0a7b91', 'epoch-5': '#a626a4' } as const;
const DARK: Readonly<Record<keyof typeof LIGHT, string>> = { ink: '#e6edf3', paper: '#0d1117', quiet: '#8d96a0', rule: '#30363d', error: '#ff7b72', warning: '#d29922',
  info: '#58a6ff', 'epoch-0': '#bc8cff', 'epoch-1': '#58a6ff', 'epoch-2': '#f0883e', 'epoch-3': '#56d364', 'epoch-4': '#39c5cf', 'epoch-5': '#f778ba' };

const variables = (colours: Readonly<Record<string, string>>): string => `svg{${Object.entries(colours).map(([name, colour]) => `--${name}:${colour}`).join(';')}}`;

const RULES = [
  'svg{font-family:Arial,Helvetica,"Liberation Sans",sans-serif;color:var(--ink)}', '.paper,.backdrop{fill:var(--paper)}', 'text{font-size:11px;fill:var(--ink)}',
  '.heading{font-size:15px;font-weight:700}', '.hollow{fill:var(--paper);stroke:currentColor;stroke-width:1.5}', '.solid{fill:currentColor}',
  '.stroke,.sign-stroke{fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}', '.sign{font-weight:700;fill:currentColor}', '.on-solid{fill:var(--paper)}',
  '.tick text{fill:var(--quiet)}', '.tick-line{stroke:var(--rule)}', '.axis-line{stroke:var(--quiet)}', '.zigzag{fill:none;stroke:var(--quiet);stroke-width:1.2}',
  '.end-line{stroke:var(--quiet);stroke-width:1.5;stroke-dasharray:1 3}', '.lane-line{stroke:var(--ink);stroke-opacity:.55;stroke-width:1.2}', '.lane.client .lane-line{stroke:var(--rule);stroke-opacity:1}',
  '.name text{font-size:12px;font-weight:600}', '.name.client text{font-weight:400}', '.epoch-none{color:var(--ink)}', ...[0, 1, 2, 3, 4, 5].map((n) => `.epoch-${n}{color:var(--epoch-${n})}`),
  '.band{fill:currentColor;fill-opacity:.18;stroke:currentColor;stroke-opacity:.55}', '.band-start{stroke:currentColor;stroke-width:2.5}', '.span{color:var(--ink)}',
  '.span-box{fill:var(--paper);fill-opacity:.6}', '.span.paused .span-box{stroke:currentColor;stroke-opacity:.5}', '.hatching{fill:none;stroke:currentColor;stroke-opacity:.35}',
  '.down-line{stroke:currentColor;stroke-opacity:.6;stroke-dasharray:1 5;stroke-width:1.4}', '.crash{stroke:var(--error);stroke-width:2.5}', '.shaft{stroke:currentColor;stroke-width:1.4;fill:none}',
  '.shaft.parked{stroke-dasharray:2 4;stroke-width:2;stroke-linecap:round}', '.head.solid{fill:currentColor}', '.head.open{fill:none;stroke:currentColor;stroke-width:1.4}',
  '.arrow.lost .shaft{stroke-dasharray:6 4}', '.arrow.in-flight .shaft:not(.parked){stroke-dasharray:2 3}', '.arrow:not(.faint)>.lost-sign{stroke:var(--error)}', '.arrow.of-client{color:var(--quiet)}',
  '.arrow.faint{opacity:.38}', '.arrow.faint .shaft{stroke-width:1}', '.arrow.fainter{opacity:.17}', '.operation{color:var(--ink)}', '.bar{fill:currentColor;fill-opacity:.14;stroke:currentColor;stroke-opacity:.5}',
  '.operation.failed .bar,.operation.open .bar,.operation.unknown .bar{fill-opacity:.05;stroke-dasharray:4 3}', '.operation.failed .sign-stroke{stroke:var(--error)}', '.cap{stroke:currentColor;stroke-width:2}',
  '.frayed{fill:none;stroke:currentColor;stroke-width:1.5}', '.mark.timeout,.mark.doubt,.mark.abort{color:var(--warning)}', '.violation.error{color:var(--error)}', '.violation.warning{color:var(--warning)}',
  '.violation.information,.violation.hint,.violation.expected{color:var(--info)}', '.thread{stroke:currentColor;stroke-width:1.2;stroke-dasharray:1 4}', '.ring{fill:none;stroke:currentColor;stroke-width:2}',
  '.side{fill:var(--ink)}', '.side-0{fill-opacity:.035}', '.side-1{fill-opacity:.09}', '.side-2{fill-opacity:.06}', '.side-3{fill-opacity:.12}',
  '.wall{stroke:var(--error);stroke-width:2;stroke-dasharray:10 5;stroke-opacity:.8}', '.fault-edge{stroke:var(--ink);stroke-opacity:.3;stroke-dasharray:4 4}',
  '.fault-box{fill:var(--ink);fill-opacity:.1;stroke:var(--ink);stroke-opacity:.35}', '.fault-point{fill:var(--ink);fill-opacity:.6}',
  '.label text{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}', '.label.of-fault text{stroke:none}',
  '.label.of-reign text,.label.of-violation text,.operation.wrong text{font-weight:700}', '.label.of-arrow.lost text,.label.of-arrow.discarded text{font-style:italic}', '.label.of-mark text{fill:var(--quiet)}',
  '.operation.wrong{color:var(--error)}', '.label.of-operation.wrong text{fill:var(--error);font-weight:700}', '.label.of-violation.error text{fill:var(--error)}', '.label.of-violation.warning text{fill:var(--warning)}',
];

export const STYLE = [variables(LIGHT), `@media (prefers-color-scheme:dark){${variables(DARK)}}`, ...RULES].join('');
