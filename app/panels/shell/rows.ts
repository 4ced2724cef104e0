/**
 * Walking the rows of a list by keyboard. A row is an element with `data-row`; in it `a[data-row-link]` leads to its page and
 * `a[data-row-panel]` opens it beside the list.
 */

/** The row walked to last, by its page's address: the list may have been drawn anew since. */
let last: string | null = null;
/** The link focused by walking: Enter on it opens the panel, where a link reached by Tab does what links do. */
let walkedTo: Element | null = null;

/** Go to the next or previous row; while a panel is open it follows. */
export function walkRows(step: 1 | -1): void {
	const rows = visibleRows();
	const current = currentRow(rows);
	const row = current ? rows[rows.indexOf(current) + step] : step === 1 ? firstInSight(rows) : undefined;
	if (!row) return;
	last = addressOf(row);
	const link = pageLink(row) ?? panelLink(row);
	link?.focus();
	walkedTo = link;
	row.scrollIntoView({ block: "nearest" });
	if (new URLSearchParams(location.search).has("panel")) panelLink(row)?.click();
}

/** Open the row walked to beside the list. @returns whether there was one, so that Enter keeps its meaning elsewhere */
export function openRowPanel(): boolean {
	const focused = document.activeElement;
	const link = focused === walkedTo ? panelLink(currentRow(visibleRows())) : null;
	link?.click();
	return link !== null;
}

/** Open the current row's page. */
export function openRowPage(): void {
	pageLink(currentRow(visibleRows()))?.click();
}

/** Open the current row's menu. */
export function openRowActions(): void {
	const button = currentRow(visibleRows())?.querySelector<HTMLElement>("[aria-haspopup=menu]");
	button?.focus();
	button?.click();
}

/** Where reading is: the first row whole in the window, below what sticks to its top; where none is, the first of the list. */
function firstInSight(rows: HTMLElement[]): HTMLElement | undefined {
	const head = document.querySelector("[data-topbar]")?.getBoundingClientRect().bottom ?? 0;
	const inSight = firstWithin(
		rows.map((row) => row.getBoundingClientRect()),
		{ top: head, bottom: innerHeight },
	);
	return rows[inSight] ?? rows[0];
}

/** Which of the stretches, in their order, is the first to lie whole within a window; -1 where none does. */
export function firstWithin(stretches: readonly { top: number; bottom: number }[], window: { top: number; bottom: number }): number {
	return stretches.findIndex(({ top, bottom }) => top >= window.top && bottom <= window.bottom);
}

function visibleRows(): HTMLElement[] {
	return [...document.querySelectorAll<HTMLElement>("[data-row]")].filter((row) => row.checkVisibility());
}

function currentRow(rows: HTMLElement[]): HTMLElement | null {
	return (
		rows.find((row) => row.contains(document.activeElement)) ?? (last === null ? null : rows.find((row) => addressOf(row) === last)) ?? null
	);
}

function addressOf(row: HTMLElement): string | null {
	return pageLink(row)?.getAttribute("href") ?? row.dataset.row ?? null;
}

function pageLink(row: HTMLElement | null): HTMLElement | null {
	return row?.querySelector<HTMLElement>("a[data-row-link]") ?? null;
}

function panelLink(row: HTMLElement | null): HTMLElement | null {
	return row?.querySelector<HTMLElement>("a[data-row-panel]") ?? null;
}
