/** Where the panel's page starts. */
import './style.css';
import { acquireHost } from './host.ts';
import type { ToPanel } from './messages.ts';
import { Panel } from './panel.ts';

const host = acquireHost();
const panel = new Panel(host, document.getElementById('app')!);
window.addEventListener('message', (event: MessageEvent<ToPanel>) => panel.receive(event.data));
host.postMessage({ type: 'ready' });
