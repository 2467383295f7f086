/** Lines that differ, `-` expected and `+` present, each group under the line number and the last target before it. */
export function diffLines(expected: string, present: string): string[] {
  const [a, b] = [expected.split('\n'), present.split('\n')];
  const shown: string[] = [];
  let [i, j] = [0, 0];
  let target = '';
  while (i < a.length || j < b.length) {
    if (a[i] === b[j]) {
      target = /"target": .*/.exec(a[i] ?? '')?.[0] ?? target;
      i++;
      j++;
      continue;
    }
    const [skipA, skipB] = resume(a, b, i, j);
    shown.push(`@ line ${i + 1}, ${target}`);
    shown.push(...a.slice(i, i + skipA).map((line) => `- ${line}`));
    shown.push(...b.slice(j, j + skipB).map((line) => `+ ${line}`));
    i += skipA;
    j += skipB;
  }
  return shown;
}

/** How far to go in each text until three lines agree again (the nearest place), or to both ends. */
function resume(a: readonly string[], b: readonly string[], i: number, j: number): readonly [number, number] {
  const agree = (x: number, y: number): boolean =>
    [0, 1, 2].every((n) => a[x + n] === b[y + n]) && (x < a.length || y < b.length);
  for (let sum = 1; sum <= 400; sum++) {
    for (let x = 0; x <= sum; x++) if (agree(i + x, j + sum - x)) return [x, sum - x];
  }
  return [a.length - i, b.length - j];
}
