/** "1 conflit", "3 conflits", "1 200 conflits". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('fr-FR')} ${count > 1 ? many : one}`;
}
