import { register } from 'node:module';

// What is measured is what runs in production, tsc's output on plain node: tsx keeps names with a call per closure,
// which costs a tenth of the matching. Hence `npm run bench` builds first, and src/*.ts here means dist/*.js.
const root = new URL('../../', import.meta.url).href;
const hook = `
  export async function resolve(specifier, context, next) {
    const parent = context.parentURL ?? '';
    if (!specifier.startsWith('.') || !parent.startsWith(${JSON.stringify(`${root}test/`)})) return next(specifier, context);
    const url = new URL(specifier, parent).href;
    const inSource = url.startsWith(${JSON.stringify(`${root}src/`)});
    return next(inSource ? url.replace(${JSON.stringify(`${root}src/`)}, ${JSON.stringify(`${root}dist/`)}) : specifier, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
