/** Elements that the frame of an offer carries (`OfferFrame`): never given twice to the builder. */
export function isFrameElement(key: string): boolean {
  return key === 'providedBy' || key.startsWith('location#');
}
