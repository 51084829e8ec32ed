/**
 * Pointer and keys, turned into what the panel should do. On the picture itself the arrow keys move it; once something in it
 * has the focus (Tab), they go from one thing to the next, and Enter shows its line.
 */
export interface InteractionActions {
  /** By a part of the visible stretch: 0.1 is a tenth to the right. */
  pan(part: number): void;
  panPixels(pixels: number): void;
  /** Nearer if above 1; `x`: the position on the stage that stays where it is. */
  zoom(factor: number, x?: number): void;
  fit(): void;
  edge(end: 'start' | 'end'): void;
  /** Moves the focus among the things of the picture, in time or to a neighbouring lane. */
  step(direction: 'next' | 'previous' | 'up' | 'down'): void;
  leave(): void;
  activate(key: string): void;
  focused(key: string): void;
  pointed(key: string, x: number, y: number): void;
}

const DRAG_STARTS = 4;

export function listen(stage: HTMLElement, svg: SVGSVGElement, actions: InteractionActions): void {
  listenToWheel(stage, actions);
  listenToDrag(stage, svg, actions);
  stage.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (onKey(event, keyAt(event.target), actions)) event.preventDefault();
  });
  svg.addEventListener('pointerover', (event) => actions.pointed(keyAt(event.target), event.clientX, event.clientY));
  svg.addEventListener('pointerleave', () => actions.pointed('', 0, 0));
  // Not on the picture itself: Chromium lets Tab stop at an SVG element that listens for the focus.
  stage.addEventListener('focusin', (event) => actions.focused(keyAt(event.target)));
}

/** The key of the thing an event happened on, or ''. */
function keyAt(target: EventTarget | null): string {
  return (target instanceof Element ? target.closest('.item')?.getAttribute('data-key') : null) ?? '';
}

function onKey(event: KeyboardEvent, key: string, actions: InteractionActions): boolean {
  const onItem = key !== '' && !event.shiftKey;
  switch (event.key) {
    case '+': case '=': actions.zoom(1.5); return true;
    case '-': case '_': actions.zoom(1 / 1.5); return true;
    case '0': actions.fit(); return true;
    case 'Home': actions.edge('start'); return true;
    case 'End': actions.edge('end'); return true;
    case 'PageUp': actions.pan(-0.9); return true;
    case 'PageDown': actions.pan(0.9); return true;
    case 'ArrowLeft': if (onItem) actions.step('previous'); else actions.pan(-0.15); return true;
    case 'ArrowRight': if (onItem) actions.step('next'); else actions.pan(0.15); return true;
    case 'ArrowUp': if (onItem) actions.step('up'); return onItem;
    case 'ArrowDown': if (onItem) actions.step('down'); return onItem;
    case 'Enter': case ' ': if (key !== '') actions.activate(key); else actions.step('next'); return true;
    case 'Escape': actions.leave(); return key !== '';
    default: return false;
  }
}

/** Ctrl and the wheel (or pinching) zooms; the wheel alone moves along time, unless there are more lanes than fit. */
function listenToWheel(stage: HTMLElement, actions: InteractionActions): void {
  stage.addEventListener('wheel', (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      actions.zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.003)), event.clientX - stage.getBoundingClientRect().left);
      return;
    }
    const scrolls = stage.scrollHeight > stage.clientHeight + 1 && !event.shiftKey;
    const along = Math.abs(event.deltaX) > Math.abs(event.deltaY) || !scrolls ? event.deltaX || event.deltaY : 0;
    if (along === 0) return;
    event.preventDefault();
    actions.panPixels(along * (event.deltaMode === 1 ? 20 : 1));
  }, { passive: false });
}

function listenToDrag(stage: HTMLElement, svg: SVGSVGElement, actions: InteractionActions): void {
  let from: { x: number; dragging: boolean; key: string } | undefined;
  svg.addEventListener('pointerdown', (event) => {
    if (event.button === 0) from = { x: event.clientX, dragging: false, key: keyAt(event.target) };
  });
  svg.addEventListener('pointermove', (event) => {
    if (from === undefined) return;
    if (!from.dragging && Math.abs(event.clientX - from.x) < DRAG_STARTS) return;
    if (!from.dragging) svg.setPointerCapture(event.pointerId);
    from.dragging = true;
    stage.classList.add('dragging');
    actions.panPixels(from.x - event.clientX);
    from.x = event.clientX;
  });
  const end = (event: PointerEvent): void => {
    if (from !== undefined && !from.dragging && event.type === 'pointerup' && from.key !== '') actions.activate(from.key);
    from = undefined;
    stage.classList.remove('dragging');
  };
  svg.addEventListener('pointerup', end);
  svg.addEventListener('pointercancel', end);
}
