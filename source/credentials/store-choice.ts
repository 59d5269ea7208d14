/** Where refresh tokens are to live. Apart from the stores, for those who only name one. */
export const storeChoices = ['auto', 'keyring', 'file', 'none'] as const;
export type StoreChoice = (typeof storeChoices)[number];
