import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { RollbackRow } from "#worker/wire/deployments";
import { useLiveLink } from "../../live/use-live.ts";
import { Button } from "../../ui/Button.tsx";
import { useNow } from "../../ui/clock.tsx";
import { later } from "../shell/later.tsx";
import { type AskedRollback, createRollbackBook, type RollbackDesk, RollbackDeskContext, useRollbackRows } from "./rollback-book.ts";
import { isInStrip } from "./under-way.ts";

const loadDialog = () => import("./RollbackDialog.tsx");

// Neither is there before somebody needs it.
const RollbackDialog = later(
	loadDialog,
	({ isOpen, close }) =>
		isOpen && (
			<div
				role="alert"
				className="fixed inset-x-3 top-16 z-50 mx-auto flex max-w-sm items-center gap-3 rounded-card border border-line2 bg-s3 p-3 shadow-float"
			>
				<p className="flex-1 text-body">The rollback’s form could not be loaded. Check the connection and try again.</p>
				<Button onClick={close}>Close</Button>
			</div>
		),
);
const RollbackStrip = later(
	() => import("./RollbackStrip.tsx"),
	() => null,
);

/** What a team's pages know of rollbacks, the dialog that asks for one, and the strip that follows those under way. */
export function RollbackHost({ loaded, children }: { loaded: readonly RollbackRow[]; children: ReactNode }) {
	const link = useLiveLink();
	const [book] = useState(() => createRollbackBook(loaded));
	const [asked, setAsked] = useState<{ asked: AskedRollback; no: number; isOpen: boolean } | null>(null);
	const opener = useRef<Element | null>(null);
	useEffect(() => link.hear(book.hear), [link, book]);
	useEffect(() => book.put(loaded), [book, loaded]);
	const desk = useMemo<RollbackDesk>(
		() => ({
			book,
			ask: (next) => {
				opener.current = document.activeElement;
				setAsked((before) => ({ asked: next, no: (before?.no ?? 0) + 1, isOpen: true }));
			},
			prepare: () => void loadDialog().catch(() => {}),
		}),
		[book],
	);
	return (
		<RollbackDeskContext.Provider value={desk}>
			{children}
			<Strips />
			{asked && (
				// Each opening is a snapshot and a key of its own.
				<RollbackDialog
					key={asked.no}
					asked={asked.asked}
					isOpen={asked.isOpen}
					close={() => {
						setAsked((now) => now && { ...now, isOpen: false });
						// Two dialogs follow each other, so neither knows by itself where the focus came from.
						setTimeout(() => {
							if (document.activeElement === document.body && opener.current instanceof HTMLElement) opener.current.focus();
						});
					}}
				/>
			)}
		</RollbackDeskContext.Provider>
	);
}

/** The strip, where there is something to follow. */
function Strips() {
	const rows = useRollbackRows();
	const now = useNow();
	const shown = rows.filter((row) => isInStrip(row, now));
	return shown.length === 0 ? null : <RollbackStrip rows={shown} />;
}
