/** The keys of an English dictionary in a language whose plurals have the given forms. */
export type TextsOf<English, Forms extends string> = {
  readonly [K in keyof English]: English[K] extends string
    ? string
    : Readonly<Record<Forms, string>>;
};

/** A key missing in Russian, or a form of a plural, fails the type check. */
export type Russian<English> = TextsOf<English, 'one' | 'few' | 'many' | 'other'>;
