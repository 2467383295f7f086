import { html, type Html } from '../domain/html.js';
import { menuOf, type MenuItem } from './menu.js';

export interface PageFrame {
  readonly title: string;
  /** Name of the region, with its code; null outside of one. */
  readonly region: string | null;
  readonly home: string;
  readonly menu: readonly MenuItem[];
  /** Who is signed in, and the form that ends it; null for nobody. */
  readonly signedIn: { readonly name: string; readonly roles: string; readonly token: Html } | null;
  /** Said once, announced. */
  readonly notice: string | null;
  /** The region is a sandbox: said on every page. */
  readonly sandbox: boolean;
}

/**
 * The frame of every page: language, title, skip link, landmarks, one h1 in `body` (RGAA 8.3, 8.5, 9.2, 12.6, 12.7).
 * Nothing inline: the policy of the server refuses it.
 */
export function framed(frame: PageFrame, body: Html): string {
  const { title, region, menu, signedIn, notice } = frame;
  return html`<!doctype html>
    <html lang="fr">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="same-origin" />
        <title>${title}${region === null ? null : html` – ${region}`} – filror</title>
        <link rel="stylesheet" href="/assets/style.css" />
        <link rel="stylesheet" href="/assets/charts.css" />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <script src="/assets/htmx.js" defer></script>
        <script src="/assets/page.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#contenu">Aller au contenu</a>
        <header class="top">
          <div class="bar">
            <a class="brand" href="${frame.home}">filror</a>
            ${region === null ? null : html`<span class="region">${region}</span>`}
            ${frame.sandbox ? html`<span class="tag">région d’essai</span>` : null}
            ${
              signedIn === null
                ? null
                : html`<form class="who" method="post" action="/deconnexion">
                    ${signedIn.token}
                    <span>${signedIn.name} <span class="muted">(${signedIn.roles})</span></span>
                    <button class="quiet">Se déconnecter</button>
                  </form>`
            }
          </div>
          ${menuOf(menu)}
        </header>
        <main id="contenu" tabindex="-1">
          <div id="annonce" role="status">
            ${notice === null ? null : html`<p class="notice">${notice}</p>`}
          </div>
          ${body}
        </main>
        <footer class="foot">
          <p>
            filror : les centres maladies rares dans le ROR. Heures de Paris.
            <a href="/accessibilite">Accessibilité</a>
          </p>
        </footer>
      </body>
    </html> `.text;
}
