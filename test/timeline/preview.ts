/**
 * Looks at the panel without an editor: builds its page, opens it in Chromium with a fixture and the colours of an editor's
 * themes, and leaves screenshots in test-results/timeline/. Run with Node 24: node test/timeline/preview.ts [fixture …] [file.pawl]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as esbuild from 'esbuild';
import { chromium } from 'playwright-core';
import { FIXTURES, crowd } from './fixtures.ts';
import type { TimelineData } from '../../server/src/features/timeline.ts';

const OUT = resolve('test-results/timeline');

const THEMES = {
  light: { '--vscode-editor-foreground': '#3b3b3b', '--vscode-editor-background': '#ffffff', '--vscode-descriptionForeground': '#717171',
    '--vscode-charts-blue': '#1a85ff', '--vscode-charts-orange': '#d18616', '--vscode-charts-green': '#388a34', '--vscode-charts-purple': '#652d90',
    '--vscode-charts-red': '#e51400', '--vscode-charts-yellow': '#bf8803', '--vscode-editorError-foreground': '#e51400', '--vscode-editorWarning-foreground': '#bf8803',
    '--vscode-editorInfo-foreground': '#1a85ff', '--vscode-focusBorder': '#005fb8', '--vscode-button-secondaryBackground': '#e5e5e5', '--vscode-button-secondaryForeground': '#3b3b3b',
    '--vscode-editorIndentGuide-background1': '#e3e3e3' },
  dark: { '--vscode-editor-foreground': '#cccccc', '--vscode-editor-background': '#1f1f1f', '--vscode-descriptionForeground': '#9d9d9d',
    '--vscode-charts-blue': '#3794ff', '--vscode-charts-orange': '#d18616', '--vscode-charts-green': '#89d185', '--vscode-charts-purple': '#b180d7',
    '--vscode-charts-red': '#f14c4c', '--vscode-charts-yellow': '#cca700', '--vscode-editorError-foreground': '#f14c4c', '--vscode-editorWarning-foreground': '#cca700',
    '--vscode-editorInfo-foreground': '#3794ff', '--vscode-focusBorder': '#0078d4', '--vscode-button-secondaryBackground': '#313131', '--vscode-button-secondaryForeground': '#cccccc',
    '--vscode-dropdown-background': '#313131', '--vscode-dropdown-foreground': '#cccccc', '--vscode-editorIndentGuide-background1': '#404040' },
  contrast: { '--vscode-editor-foreground': '#ffffff', '--vscode-editor-background': '#000000', '--vscode-descriptionForeground': '#ffffff',
    '--vscode-charts-blue': '#3794ff', '--vscode-charts-orange': '#ff8e00', '--vscode-charts-green': '#89d185', '--vscode-charts-purple': '#b180d7',
    '--vscode-charts-red': '#f48771', '--vscode-charts-yellow': '#ffd370', '--vscode-editorError-foreground': '#f48771', '--vscode-editorWarning-foreground': '#ffd370',
    '--vscode-editorInfo-foreground': '#3794ff', '--vscode-focusBorder': '#f38518', '--vscode-contrastBorder': '#6fc3df', '--vscode-editorIndentGuide-background1': '#666666' },
} as const;

const stringify = (value: unknown): string => JSON.stringify(value).replace(/</g, '\\u003c');

function pageOf(script: string, style: string, data: TimelineData, theme: keyof typeof THEMES): string {
  const variables = Object.entries(THEMES[theme]).map(([name, value]) => `${name}:${value}`).join(';');
  return `<!DOCTYPE html><html><head><meta charset="utf-8"><style>html{${variables}}</style><style>${style}</style></head>
<body class="${theme === 'contrast' ? 'vscode-high-contrast' : ''}"><div id="app"></div>
<script>window.said=[];window.kept=undefined;window.acquireVsCodeApi=()=>({postMessage:(m)=>window.said.push(m),getState:()=>window.kept,setState:(s)=>{window.kept=s}});</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>
<script>window.postMessage({type:'timeline',uri:'file:///a.pawl',data:${stringify(data)}},'*');</script></body></html>`;
}

async function dataOf(name: string): Promise<TimelineData> {
  if (name === 'crowd') return crowd(100_000);
  if (!name.endsWith('.pawl')) return FIXTURES[name as keyof typeof FIXTURES]();
  const [file, block] = name.slice(0, -'.pawl'.length).split('#');
  const { analyseNow } = await import('../../server/src/analysis/analyse.ts'), { timelineAt } = await import('../../server/src/features/timeline.ts');
  return timelineAt(analyseNow(readFileSync(`${file}.pawl`, 'utf8')), Number(block ?? 0))!;
}

const names = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(FIXTURES);
mkdirSync(OUT, { recursive: true });
const built = await esbuild.build({ entryPoints: ['client/webview/main.ts'], bundle: true, format: 'iife', platform: 'browser', outdir: OUT, write: false });
const [script, style] = ['.js', '.css'].map((end) => built.outputFiles.find(({ path }) => path.endsWith(end))!.text);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const name of names) {
  const data = await dataOf(name), base = name.replaceAll(/[^\w-]+/g, '-');
  for (const theme of name === 'partition' ? (['light', 'dark', 'contrast'] as const) : (['light'] as const)) {
    const page = await browser.newPage({ viewport: { width: Number(process.env['WIDTH'] ?? 1280), height: 760 } });
    page.on('pageerror', (error) => console.error(name, error.message));
    const path = resolve(OUT, `${base}-${theme}.html`);
    writeFileSync(path, pageOf(script!, style!, data, theme));
    await page.goto(`file://${path}`);
    await page.waitForSelector('.stage svg .layer, .empty .note', { state: 'attached' });
    await page.waitForTimeout(100);
    await page.screenshot({ path: resolve(OUT, `${base}-${theme}.png`) });
    await page.close();
  }
}
await browser.close();
