import { html, type Html } from '../../domain/html.js';

/** How an area is filled: a tone and a texture, so that two areas differ without any colour. */
export interface Fill {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly texture: 'solid' | 'dots' | 'rising' | 'falling' | 'level' | 'crossed';
}

const LINES: Readonly<Record<Exclude<Fill['texture'], 'solid' | 'dots'>, string>> = {
  rising: 'M-2 2L2 -2M0 8L8 0M6 10L10 6',
  falling: 'M-2 6L2 10M0 0L8 8M6 -2L10 2',
  level: 'M0 2H8M0 6H8',
  crossed: 'M0 4H8M4 0V8',
};

/** Definitions of the textures of a drawing; `id` keeps them apart from those of another on the same page. */
export function texturesOf(id: string, fills: readonly Fill[]): Html {
  const textured = fills.filter(({ texture }) => texture !== 'solid');
  return html`<defs>${textured.map((fill) => pattern(id, fill))}</defs>`;
}

function pattern(id: string, { tone, texture }: Fill): Html {
  return html`<pattern id="${id}-${tone}-${texture}" width="8" height="8" patternUnits="userSpaceOnUse">
    <rect class="f-ground" width="8" height="8" />
    ${
      texture === 'solid'
        ? null
        : texture === 'dots'
          ? html`<circle class="f-${tone}" cx="2" cy="2" r="1.5" /><circle
                class="f-${tone}"
                cx="6"
                cy="6"
                r="1.5"
              />`
          : html`<path class="s-${tone}" fill="none" stroke-width="2" d="${LINES[texture]}" />`
    }
  </pattern>`;
}

/** A rectangle filled so, with a border of its tone. */
export function area(
  id: string,
  { tone, texture }: Fill,
  box: { readonly x: string; readonly y: string; readonly width: string; readonly height: string },
): Html {
  const place = html`x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}"`;
  return texture === 'solid'
    ? html`<rect class="f-${tone} s-${tone}" ${place} />`
    : html`<rect class="s-${tone}" fill="url(#${id}-${tone}-${texture})" ${place} />`;
}
