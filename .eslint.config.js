import tseslint from 'typescript-eslint';

/**
 * Who may import whom. Data flows one way: entries (cli, demo) -> runs, review, apply -> stages -> domain.
 * A stage lists what it may read; anything absent is refused.
 */
const LAYERS = {
  domain: [],
  normalise: ['domain'],
  observe: ['domain'],
  http: ['domain', 'observe'],
  db: ['domain', 'observe'],
  config: ['domain', 'http'],
  journal: ['domain', 'db'],
  snapshots: ['domain', 'db', 'http', 'journal'],
  sources: ['domain', 'normalise'],
  workbook: ['domain', 'normalise', 'sources'],
  matching: ['domain', 'normalise'],
  consolidate: ['domain', 'normalise'],
  ror: ['domain', 'http', 'config'],
  plan: ['domain', 'normalise', 'ror'],
  mirror: ['domain', 'db', 'ror', 'journal'],
  publish: ['domain', 'db', 'ror', 'journal', 'normalise'],
  'fhir-api': ['domain', 'db', 'config', 'observe', 'normalise', 'publish', 'ror', 'journal'],
  review: ['domain', 'db', 'journal', 'config', 'ror'],
  apply: ['domain', 'db', 'journal', 'ror', 'plan', 'review', 'config', 'observe'],
  followup: ['domain', 'db', 'config', 'journal', 'ror', 'plan', 'mirror', 'review', 'apply'],
  sandbox: ['domain'],
  runs: [
    'domain',
    'db',
    'config',
    'journal',
    'snapshots',
    'sources',
    'workbook',
    'normalise',
    'matching',
    'consolidate',
    'ror',
    'plan',
    'mirror',
    'review',
    'followup',
    'observe',
  ],
  mail: ['domain', 'db', 'config', 'journal', 'observe', 'runs'],
  schedule: ['domain', 'db', 'config', 'journal', 'observe', 'runs', 'apply', 'publish', 'ror'],
  issuer: ['domain'],
  web: [
    'domain',
    'db',
    'config',
    'journal',
    'observe',
    'normalise',
    'ror',
    'mirror',
    'runs',
    'review',
    'apply',
    'followup',
    'schedule',
    'sources',
    'workbook',
  ],
  demo: [
    'domain',
    'db',
    'config',
    'journal',
    'publish',
    'runs',
    'review',
    'apply',
    'sandbox',
    'observe',
    'mirror',
    'ror',
    'sources',
  ],
  cli: null,
};

/** One library, one importer. */
const LIBRARIES = {
  knex: ['db'],
  pg: ['db'],
  'pg-copy-streams': ['db'],
  'pg-query-stream': ['db'],
  axios: ['http'],
  'p-limit': ['apply', 'http', 'schedule'],
  'node-cron': ['schedule'],
  'cron-parser': ['schedule'],
  nodemailer: ['mail'],
  winston: ['observe'],
  'cli-progress': ['cli'],
  commander: ['cli'],
  fastify: ['fhir-api', 'sandbox', 'web'],
  '@fastify/cookie': ['web'],
  '@fastify/formbody': ['web'],
  '@fastify/helmet': ['web'],
  '@fastify/multipart': ['web'],
  '@fastify/rate-limit': ['fhir-api', 'web'],
  '@fastify/swagger': ['web'],
  'fastify-type-provider-zod': ['web'],
  jose: ['fhir-api', 'web'],
  'openid-client': ['web'],
  'oidc-provider': ['issuer'],
  yaml: ['config'],
  'csv-parse': ['sources'],
  'csv-parse/sync': ['sources'],
  udsv: ['sources'],
  'read-excel-file/node': ['sources'],
  exceljs: ['workbook'],
  fflate: ['sources'],
  'fast-xml-parser': ['sources'],
  'css-select': ['sources'],
  htmlparser2: ['sources'],
  'iconv-lite': ['sources'],
  'pdfjs-dist/legacy/build/pdf.mjs': ['sources'],
  proj4: ['sources'],
  'fastest-levenshtein': ['domain', 'matching'],
  'node-forge': ['ror'],
  'lossless-json': ['ror', 'sandbox'],
  'safe-stable-stringify': ['domain'],
  '@etalab/decoupage-administratif': ['normalise'],
};

const restrictions = Object.entries(LAYERS).map(([folder, allowed]) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: Object.entries(LIBRARIES)
          .filter(([, owners]) => !owners.includes(folder))
          .map(([name, owners]) => ({
            name,
            message: `only src/${owners.join(', src/')} may import ${name}`,
          })),
        patterns:
          allowed === null
            ? []
            : Object.keys(LAYERS)
                .filter((other) => other !== folder && !allowed.includes(other))
                .map((other) => ({
                  group: [`**/../${other}/**`, `../${other}/**`, `../../${other}/**`],
                  message: `src/${folder} may not import src/${other}`,
                })),
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'coverage/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    languageOptions: {
      parserOptions: { project: './test/tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'named exports only' },
        { selector: 'TSEnumDeclaration', message: 'no enum: a union of literals' },
      ],
    },
  },
  { files: ['src/**/*.ts'], ignores: ['src/cli/**'], rules: { 'no-console': 'error' } },
  { files: ['test/vitest.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  ...restrictions,
);
