import * as v from 'valibot';

export type SettingValue = string | number | boolean;

/** A setting: how it is read from a text (the environment, the command line) and from the file. */
export type Setting = {
  /** What it does, in a few words. */
  readonly about: string;
  /** The variable of the environment that says the same. */
  readonly variable: `DKP_AUTH_${string}`;
  /** The flag of `dkp-auth login` that says the same, as commander names it; none where only the environment is read. */
  readonly flag?: string;
  /** What holds when nobody says anything; undefined for nothing. */
  readonly fallback?: SettingValue;
  /** What a good value is, in words that follow "takes ". */
  readonly takes: string;
  readonly inFile: v.GenericSchema<unknown, SettingValue>;
  /** @returns undefined when the text is not a value of this setting */
  parse(text: string): SettingValue | undefined;
};

type Told = Pick<Setting, 'about' | 'variable' | 'flag' | 'fallback'>;

export function choice(values: readonly string[], told: Told): Setting {
  return {
    ...told,
    takes: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
    inFile: v.picklist(values),
    parse: text => values.find(value => value === text),
  };
}

export function yesOrNo(told: Told): Setting {
  const words: Readonly<Record<string, boolean>> = { true: true, false: false, '1': true, '0': false };
  return { ...told, takes: 'true or false', inFile: v.boolean(), parse: text => words[text.toLowerCase()] };
}

export function wholeNumber(least: number, most: number, told: Told): Setting {
  const inFile = v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
  return {
    ...told,
    takes: `a whole number from ${least} to ${most}`,
    inFile,
    parse: text => {
      const result = v.safeParse(inFile, text.trim() === '' ? undefined : Number(text));
      return result.success ? result.output : undefined;
    },
  };
}

export function words(takes: string, isGood: (text: string) => boolean, told: Told): Setting {
  const inFile = v.pipe(v.string(), v.minLength(1), v.maxLength(2000), v.check(isGood));
  return { ...told, takes, inFile, parse: text => (v.is(inFile, text) ? text : undefined) };
}
