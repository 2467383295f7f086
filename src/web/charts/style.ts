/**
 * Colours of the charts, for pages and for files of their own: text 4.5:1, marks 3:1 on the ground of each theme. Every
 * mark has a shape, a texture or a sign besides.
 */
const LIGHT = {
  ground: '#ffffff',
  raised: '#f3f5f7',
  ink: '#1a1f24',
  muted: '#4a545e',
  line: '#767f88',
  good: '#1d5c2e',
  warn: '#6b4a00',
  bad: '#8f1d1d',
} as const;
type Tone = keyof typeof LIGHT;
const DARK: Readonly<Record<Tone, string>> = {
  ground: '#14181c',
  raised: '#1f252b',
  ink: '#eceff2',
  muted: '#b4bec8',
  line: '#8a949e',
  good: '#8ed8a2',
  warn: '#f0cd7f',
  bad: '#ffa3a3',
};
const TONES = Object.keys(LIGHT) as Tone[];

/** The colours of both themes, for whoever measures them. */
export const PALETTES = { light: LIGHT, dark: DARK } as const;

/** `.chart .f-good` fills, `.chart .s-good` strokes; presentation attributes would not follow the theme. */
function tones(colours: Readonly<Record<Tone, string>>): string {
  return TONES.map(
    (tone) => `.chart .f-${tone}{fill:${colours[tone]}}.chart .s-${tone}{stroke:${colours[tone]}}`,
  ).join('\n');
}

export const CHART_STYLE = `.chart{display:block}
.chart text{font:13px "DejaVu Sans","Segoe UI",Arial,sans-serif}
.chart .strong{font-weight:bold}
.chart .small{font-size:11px}
${tones(LIGHT)}
@media (prefers-color-scheme:dark){
${tones(DARK)}
}
`;
