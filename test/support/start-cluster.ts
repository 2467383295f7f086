import { attachOrStart } from '../../src/db/embedded/cluster.js';

/** Run as a process of its own: starts or attaches to the cluster of the two folders given, prints its pid. */
const [, , home = '', folder = ''] = process.argv;
const { pid } = await attachOrStart({ home, folder }, 'disposable');
process.stdout.write(String(pid));
