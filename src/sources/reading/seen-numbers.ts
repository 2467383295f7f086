/**
 * Set of FINESS numbers at four to eight bytes each, so that doubles are seen among millions of lines without a heap of
 * strings. A number is one digit, one of 36 signs and seven digits: below 2^32. Open addressing, at most half full.
 */
export class SeenNumbers {
  private slots = new Uint32Array(1 << 16);
  private count = 0;

  /** @param number of right shape (gate X1). @returns false when it was already there */
  add(number: string): boolean {
    if (this.count * 2 >= this.slots.length) this.grow();
    if (!insert(this.slots, codeOf(number))) return false;
    this.count++;
    return true;
  }

  private grow(): void {
    const larger = new Uint32Array(this.slots.length * 2);
    for (const code of this.slots) if (code !== 0) insert(larger, code);
    this.slots = larger;
  }
}

/** Zero marks a free slot, hence the one added. */
function codeOf(number: string): number {
  const second = number.charCodeAt(1);
  let code = (number.charCodeAt(0) - 48) * 36 + (second < 58 ? second - 48 : second - 55);
  for (let i = 2; i < 9; i++) code = code * 10 + number.charCodeAt(i) - 48;
  return code + 1;
}

function insert(slots: Uint32Array, code: number): boolean {
  const mask = slots.length - 1;
  for (let at = (Math.imul(code, 0x9e3779b1) >>> 0) & mask; ; at = (at + 1) & mask) {
    const found = slots[at];
    if (found === code) return false;
    if (found === 0) {
      slots[at] = code;
      return true;
    }
  }
}
