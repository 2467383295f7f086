import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { getDocument, PDFWorker, VerbosityLevel } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { SourceError } from '../../../domain/errors.js';
import type { SourceInput } from '../../contract.js';
import { pdfBytes } from './bytes.js';
import { brokenPdf, encryptedPdf, noPagePdf, tooLargePdf, tooMuchPdf } from './faults.js';
import { PDF_LIMITS, type PdfLimits } from './limits.js';
import { pageOf, type PdfPage, type TextItem } from './page.js';

/**
 * The pages of a PDF, one after another, each as the words that it shows. The document is parsed in a thread of its own,
 * which is ended when it takes too much: nothing that it holds runs (no script, no eval), nothing is fetched.
 * @throws SourceError `SRC_EMPTY`, `SRC_HTML`, `SRC_NOT_PDF`, `SRC_PDF_CUT`, `SRC_PDF_BROKEN`, `SRC_ENCRYPTED`,
 * `SRC_PDF_NO_PAGE`, `SRC_TOO_LARGE`, `SRC_PDF_TOO_MUCH`
 */
export async function* pdfPages(
  input: SourceInput,
  limits: PdfLimits = PDF_LIMITS,
): AsyncGenerator<PdfPage, void, undefined> {
  const data = await pdfBytes(input, limits.bytes);
  const parser = openParser();
  const within = guard(input, limits, parser);
  try {
    const task = getDocument({
      data,
      worker: parser.worker,
      verbosity: VerbosityLevel.ERRORS,
      isEvalSupported: false,
      useSystemFonts: false,
      disableFontFace: true,
      useWasm: false,
      useWorkerFetch: false,
      isOffscreenCanvasSupported: false,
      isImageDecoderSupported: false,
      enableXfa: false,
    });
    const pages = await within(0, async () => (await task.promise).numPages);
    if (pages < 1) throw noPagePdf(input);
    if (pages > limits.pages)
      throw tooLargePdf(input, `${String(pages)} pages`, `${String(limits.pages)} pages`);
    const document = await task.promise;
    for (let no = 1; no <= pages; no++) {
      yield await within(no, async () => {
        const page = await document.getPage(no);
        const { width, height, transform } = page.getViewport({ scale: 1 });
        const { items } = await page.getTextContent();
        page.cleanup();
        if (items.length > limits.itemsPerPage)
          throw tooLargePdf(
            input,
            `${String(items.length)} textes à la page ${String(no)}`,
            `${String(limits.itemsPerPage)} par page`,
          );
        return pageOf({ no, pages, width, height }, transform as number[], items as TextItem[]);
      });
    }
  } finally {
    await parser.close();
  }
}

interface Parser {
  readonly worker: PDFWorker;
  /** Settles when the thread died: its heap is full, or it was ended. */
  readonly died: Promise<Error>;
  readonly close: () => Promise<void>;
}

const PARSER = pathToFileURL(
  createRequire(import.meta.url).resolve('pdfjs-dist/legacy/build/pdf.worker.mjs'),
);
/** PDF.js drops every format mark, the soft hyphen too: at the end of a line, the only sign that a word was parted. */
const THREAD = `const { workerData } = require('node:worker_threads');
const { match } = String.prototype;
String.prototype.match = function (pattern) {
  return String(this) === '\\u00ad' ? null : match.call(this, pattern);
};
import(workerData.parser).then(({ WorkerMessageHandler }) => {
  WorkerMessageHandler.initializeFromPort(workerData.port);
  workerData.port.start();
});`;

/** The parser of PDF.js in a thread, at the other end of a channel: as in a browser, without one. */
function openParser(): Parser {
  const { port1, port2 } = new MessageChannel();
  const thread = new Worker(THREAD, {
    eval: true,
    workerData: { parser: PARSER.href, port: port2 },
    transferList: [port2],
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 512, stackSizeMb: 4 },
  });
  const died = new Promise<Error>((resolve) => {
    thread.once('error', resolve);
    thread.once('exit', () => {
      resolve(new Error('the parser ended'));
    });
  });
  const worker = PDFWorker.create({ port: port1 as never, verbosity: VerbosityLevel.ERRORS });
  port1.start();
  return {
    worker,
    died,
    close: async () => {
      await thread.terminate();
      port1.close();
    },
  };
}

/** Does one step of the reading, and ends it when the thread dies, grows or takes too long. `page` 0 is the opening. */
function guard(input: SourceInput, limits: PdfLimits, { died }: Parser) {
  const before = process.memoryUsage.rss();
  return async <T>(page: number, step: () => Promise<T>): Promise<T> => {
    let watch: NodeJS.Timeout | undefined;
    const until = Date.now() + limits.milliseconds;
    const stopped = new Promise<never>((_, reject) => {
      const refuse = (): void => {
        reject(tooMuchPdf(input, page));
      };
      void died.then(refuse);
      watch = setInterval(() => {
        if (process.memoryUsage.rss() - before > limits.memory || Date.now() > until) refuse();
      }, 50);
    });
    const work = step();
    // What the thread still answers after it was given up is nobody's.
    work.catch(() => undefined);
    try {
      return await Promise.race([work, stopped]);
    } catch (error) {
      throw error instanceof SourceError ? error : faultOf(input, page, error);
    } finally {
      clearInterval(watch);
      stopped.catch(() => undefined);
    }
  };
}

/** PDF.js throws classes of its own, told apart by name. */
function faultOf(input: SourceInput, page: number, error: unknown): unknown {
  const name = error instanceof Error ? error.name : '';
  if (name === 'PasswordException') return encryptedPdf(input);
  return brokenPdf(input, page, error);
}
