/** Scenes as text, for golden files. */
import { escape, primitiveText, type Scene } from '../../server/src/picture/scene.ts';

export const primitivesIn = (scene: Scene): number =>
  scene.layers.reduce((sum, layer) => sum + layer.groups.reduce((inner, group) => inner + group.primitives.length, 0), 0);

/** The drawing alone, a primitive a line. */
export function toSvg(scene: Scene): string {
  const out = [`<svg xmlns="http://www.w3.org/2000/svg" width="${scene.width}" height="${scene.height}" viewBox="0 0 ${scene.width} ${scene.height}">`];
  for (const layer of scene.layers) {
    if (layer.groups.length === 0) continue;
    out.push(`<g class="layer ${layer.name}">`);
    for (const group of layer.groups) {
      out.push(`  <g class="${escape(group.classes)}" data-key="${escape(group.key)}"${group.label === undefined ? '' : ` aria-label="${escape(group.label)}"`}>`);
      for (const primitive of group.primitives) out.push(`    ${primitiveText(primitive)}`);
      out.push('  </g>');
    }
    out.push('</g>');
  }
  out.push('</svg>');
  return out.join('\n');
}
