import { startSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.js';

/** The sandbox in a process of its own, so that its work is not counted as the client's. Orders come by IPC. */
export type Order =
  | { readonly order: 'start'; readonly options: SandboxOptions }
  | { readonly order: 'delay'; readonly ms: number }
  | { readonly order: 'requests' };

let sandbox: Awaited<ReturnType<typeof startSandbox>> | undefined;

process.on('message', (message) => {
  void obey(message as Order).then((answer) => process.send?.(answer));
});

async function obey(order: Order): Promise<object> {
  if (order.order === 'start') {
    sandbox = await startSandbox(order.options);
    const { url, fhirBase, tokenUrl, credentials } = sandbox;
    return { url, fhirBase, tokenUrl, credentials };
  }
  if (sandbox === undefined) throw new Error('not started');
  if (order.order === 'delay') {
    sandbox.faults.end();
    if (order.ms > 0) sandbox.faults.always('any', { kind: 'delay', ms: order.ms, when: 'before' });
    return {};
  }
  return sandbox.requests;
}
