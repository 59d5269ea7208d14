/** What gives way on a small screen: the lightest first. */
export const weights = {
  gap: 0,
  answers: 1,
  note: 2,
  detail: 3,
  title: 4,
  question: 5,
  fact: 6,
  hint: 7,
  field: 8,
  problem: 9,
  keys: 10,
} as const;
