/** The import rules of docs/architecture.md. @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Imports run one way; a cycle means that two files belong together, or a third is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-imports-main',
      comment: 'main.ts is the program, not a library.',
      severity: 'error',
      from: {},
      to: { path: '^src/main\\.ts$' },
    },
    {
      name: 'embedded-mongo-stands-alone',
      comment: 'The embedded store is a library of its own.',
      severity: 'error',
      from: { path: '^src/embedded-mongo/' },
      to: { path: '^src/', pathNot: '^src/embedded-mongo/' },
    },
    {
      name: 'embedded-mongo-by-its-front-door',
      comment: 'Other folders use only what its index exports.',
      severity: 'error',
      from: { pathNot: '^src/embedded-mongo/' },
      to: { path: '^src/embedded-mongo/', pathNot: '^src/embedded-mongo/index\\.ts$' },
    },
    {
      name: 'command-line-stands-alone',
      comment: 'The code that commands share does not depend on any of them.',
      severity: 'error',
      from: { path: '^src/command-line/' },
      to: { path: '^src/', pathNot: '^src/command-line/' },
    },
    {
      name: 'session-cli-uses-a-running-service',
      comment:
        'Import and purge use the API; the only code they share with the service parses JSON and times.',
      severity: 'error',
      from: { path: '^src/session-cli/' },
      to: { path: '^src/', pathNot: '^src/(session-cli|command-line)/|^src/http/(json|validation/)' },
    },
    {
      name: 'commands-are-no-library',
      comment: 'Only its own folder imports a command.',
      severity: 'error',
      from: { path: '^src/([^/]+)' },
      to: { path: '^src/(store-cli|session-cli)/', pathNot: '^src/$1/' },
    },
    {
      name: 'http-imports-no-module',
      comment: 'The code that endpoints share does not depend on any of them.',
      severity: 'error',
      from: { path: '^src/(http|openapi|pages)/' },
      to: { path: '^src/(modules|database|operations|embedded-mongo)/' },
    },
    {
      name: 'session-knows-no-other-module',
      comment: 'transcript → event → session',
      severity: 'error',
      from: { path: '^src/modules/session/' },
      to: { path: '^src/modules/(event|transcript)/' },
    },
    {
      name: 'event-does-not-know-transcript',
      comment: 'transcript → event → session',
      severity: 'error',
      from: { path: '^src/modules/event/' },
      to: { path: '^src/modules/transcript/' },
    },
    {
      name: 'other-modules-by-their-service',
      comment:
        "A module never uses another one's repository or schema, only its module file and services.",
      severity: 'error',
      from: { path: '^src/modules/([^/]+)/' },
      to: { path: '^src/modules/([^/]+)/(repositories|schemas|controllers)/', pathNot: '^src/modules/$1/' },
    },
    {
      name: 'controllers-call-services',
      severity: 'error',
      from: { path: '/controllers/' },
      to: { path: '/(repositories|schemas)/' },
    },
    {
      name: 'layers-point-down',
      comment: 'controllers → services → repositories → schemas',
      severity: 'error',
      from: { path: '/(services|repositories|schemas)/' },
      to: { path: '/controllers/' },
    },
    {
      name: 'repositories-know-no-service',
      severity: 'error',
      from: { path: '/(repositories|schemas)/' },
      to: { path: '/services/' },
    },
    {
      name: 'no-dev-dependency-in-src',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node'],
    },
  },
};
