/** A fingerprint as people compare it: upper case, in pairs. */
export function displayFingerprint(fingerprint: string): string {
  return (fingerprint.toUpperCase().match(/../g) ?? []).join(':');
}
