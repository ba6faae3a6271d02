interface Format {
  readonly test: RegExp;
  readonly sample: (variant: number) => string;
}

const two = (value: number): string => String(value).padStart(2, '0');
const date = (variant: number): string => `2026-01-${two((variant % 28) + 1)}`;

const formats: Readonly<Record<string, Format>> = {
  'date-time': {
    test: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i,
    sample: (v) => `${date(v)}T09:30:00Z`,
  },
  date: { test: /^\d{4}-\d\d-\d\d$/, sample: date },
  time: { test: /^\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i, sample: (v) => `09:30:${two(v % 60)}Z` },
  duration: { test: /^P(?!$)(\d+[YMWD])*(T(\d+[HMS])+)?$/, sample: (v) => `PT${v + 1}M` },
  email: { test: /^[^@\s]+@[^@\s]+\.[^@\s]+$/, sample: (v) => `person${v}@example.com` },
  hostname: { test: /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i, sample: (v) => `host${v}.example.com` },
  ipv4: { test: /^(\d{1,3}\.){3}\d{1,3}$/, sample: (v) => `192.0.2.${(v % 254) + 1}` },
  ipv6: { test: /^[0-9a-f:]+$/i, sample: (v) => `2001:db8::${(v + 1).toString(16)}` },
  uri: { test: /^[a-z][a-z0-9+.-]*:\S+$/i, sample: (v) => `https://example.com/${v}` },
  'uri-reference': { test: /^\S+$/, sample: (v) => `/path/${v}` },
  url: { test: /^https?:\/\/\S+$/i, sample: (v) => `https://example.com/${v}` },
  uuid: {
    test: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    sample: (v) => `00000000-0000-4000-8000-${v.toString(16).padStart(12, '0')}`,
  },
  'json-pointer': { test: /^(\/([^~/]|~[01])*)*$/, sample: (v) => `/item/${v}` },
  regex: { test: /^/, sample: (v) => `^item${v}$` },
};

/** Tells whether a text has a JSON Schema `format`; a format that is not known here always holds. */
export function fitsFormat(format: string, text: string): boolean {
  return formats[format]?.test.test(text) ?? true;
}

/** A text of the format, a different one for each variant; undefined for a format that is not known here. */
export function sampleFormat(format: string, variant: number): string | undefined {
  return formats[format]?.sample(variant);
}
