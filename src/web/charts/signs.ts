import { html, type Html } from '../../domain/html.js';
import type { Standing } from '../../runs/coverage.js';
import { px } from './text.js';
import type { Fill } from './textures.js';

/** Where a centre stands, in words, in a sign and in a texture: the same in every chart and table of the page. */
export const STANDINGS: readonly Standing[] = ['seen', 'asked', 'hidden'];
export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  seen: 'décrit et visible dans le ROR',
  asked: 'pas visible, question ouverte',
  hidden: 'labellisé, pas visible',
};
export const STANDING_FILLS: Readonly<Record<Standing, Fill>> = {
  seen: { tone: 'good', texture: 'solid' },
  asked: { tone: 'warn', texture: 'dots' },
  hidden: { tone: 'bad', texture: 'rising' },
};

/** A full disc, a hollow square, a full triangle: told apart without any colour. */
export function standingSign(standing: Standing, x: number, y: number): Html {
  switch (standing) {
    case 'seen':
      return html`<circle class="f-good" cx="${px(x)}" cy="${px(y)}" r="6" />`;
    case 'asked':
      return html`<rect
        class="f-ground s-warn"
        stroke-width="2.5"
        x="${px(x - 5)}"
        y="${px(y - 5)}"
        width="10"
        height="10"
      />`;
    case 'hidden':
      return html`<path class="f-bad" d="M${px(x)} ${px(y - 7)}L${px(x + 7)} ${px(y + 5)}H${px(x - 7)}Z" />`;
  }
}
