/** Every word the parts say by themselves, in one place for translation. */
export const words = {
  done: 'Done',
  keys: 'Keys',
  empty: 'empty',
  leaving: 'Leave? Nothing has been changed. y leaves, any other key stays.',
  stillWaiting: 'Still waiting.',
  place: (number: number, of: number) => `${number} of ${of}`,
  filter: 'Filter',
  typeToFilter: 'Type to filter',
  nothingMatches: 'Nothing matches.',
  nothingToChoose: 'Nothing to choose from.',
  count: (shown: number, all: number) => (shown === all ? `${all}` : `${shown} of ${all}`),
  chosen: (count: number) => `${count} chosen`,
  characters: (count: number) => (count === 1 ? '1 character' : `${count} characters`),
  seconds: (seconds: number) =>
    seconds < 60
      ? `${seconds} s`
      : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`,
} as const;
