import { html, type Html } from '../../domain/html.js';
import { px, widthOf } from './text.js';

export interface LegendItem {
  readonly words: string;
  /** Drawn in a box of 18 by 14 pixels. */
  readonly sign: Html;
}

/** Signs with their words, on as many lines as the width asks for. */
export function legend(
  items: readonly LegendItem[],
  { left, top, width }: { readonly left: number; readonly top: number; readonly width: number },
): { readonly body: Html; readonly height: number } {
  let [x, y] = [left, top];
  const drawn = items.map(({ words, sign }) => {
    const room = 24 + widthOf(words) + 12;
    if (x > left && x + room > left + width) [x, y] = [left, y + 22];
    const at = html`<g transform="translate(${px(x)} ${px(y)})"
      >${sign}<text class="f-ink" x="24" y="12">${words}</text></g
    >`;
    x += room;
    return at;
  });
  return { body: html`${drawn}`, height: y - top + 22 };
}
