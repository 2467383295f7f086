export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A label of this size for this point. */
export interface Wanted {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const RINGS = 14;
const DIRECTIONS = 12;

/** A place for each label, near its point and over nothing else, those before it included. */
export function freeBoxes(
  wanted: readonly Wanted[],
  taken: readonly Box[],
  room: { readonly width: number; readonly height: number },
): Box[] {
  const all = [...taken];
  return wanted.map((each) => {
    const box = freeBox(each, all, room);
    all.push(box);
    return box;
  });
}

/**
 * A place tried in growing rings around the point, always in the same order, so that the same figures give the same
 * drawing. Where there is no room left it is beside the point.
 */
export function freeBox(
  wanted: Wanted,
  taken: readonly Box[],
  room: { readonly width: number; readonly height: number },
): Box {
  const { x, y, width, height } = wanted;
  return (
    candidates(wanted).find((one) => within(one, room) && !taken.some((other) => overlap(one, other))) ?? {
      ...wanted,
      x: Math.min(x + 8, room.width - width),
      y: y - height / 2,
    }
  );
}

function candidates({ x, y, width, height }: Wanted): Box[] {
  return Array.from({ length: RINGS }, (_, ring) => {
    const far = 12 + ring * 14;
    return Array.from({ length: DIRECTIONS }, (__, turn) => {
      const angle = (turn * 2 * Math.PI) / DIRECTIONS;
      const [east, south] = [Math.cos(angle), Math.sin(angle)];
      const left = x + east * far + (east > 0.1 ? 0 : east < -0.1 ? -width : -width / 2);
      return { x: left, y: y + south * far - height / 2, width, height };
    });
  }).flat();
}

function within({ x, y, width, height }: Box, room: { width: number; height: number }): boolean {
  return x >= 4 && y >= 2 && x + width <= room.width - 4 && y + height <= room.height - 2;
}

/** Whether two boxes are over one another, or nearer than a reader can tell apart. */
export function overlap(a: Box, b: Box): boolean {
  const gap = 4;
  return (
    a.x < b.x + b.width + gap &&
    b.x < a.x + a.width + gap &&
    a.y < b.y + b.height + 1 &&
    b.y < a.y + a.height + 1
  );
}
