import { Link, useParams } from "@remix-run/react";
import clsx from "clsx";
import type { MouseEvent } from "react";
import { buttonClass } from "../../ui/Button.tsx";
import { LockIcon, UndoIcon } from "../../ui/icons-more.tsx";
import { type AskedRollback, useRollbackDesk } from "./rollback-book.ts";

type ButtonProps = {
	asked: AskedRollback;
	/** Whose name it bears for those who do not see what it stands beside. */
	name: string;
	words?: string;
	/** Something is wrong: the one act that helps. */
	isUrgent?: boolean;
	size?: "md" | "sm";
	/** Why this person may not, and the id of the element that says so; null where they may. */
	refusal: { why: string; id: string } | null;
	className?: string;
};

/** The address of the form that asks for a rollback: a page of its own, and what the dialog reads. */
export function rollbackAddress(team: string, { environmentId, component, to }: AskedRollback): string {
	const search = new URLSearchParams({ component, ...(to !== undefined && { to }) });
	return `/t/${encodeURIComponent(team)}/environments/${encodeURIComponent(environmentId)}/rollback?${search}`;
}

/** Leads to the rollback's form; where scripts run it opens in a dialog over this page. */
export function RollBackButton({ asked, name, words = "Roll back…", isUrgent = false, size = "sm", refusal, className }: ButtonProps) {
	const desk = useRollbackDesk();
	const { team = "-" } = useParams();
	const look = buttonClass({ tone: isUrgent ? "danger" : "plain", size });
	if (refusal !== null) {
		return (
			<button
				type="button"
				aria-disabled="true"
				aria-label={`Roll back ${name}…`}
				aria-describedby={refusal.id}
				data-tip={refusal.why}
				className={clsx(look, className)}
			>
				<LockIcon className="size-3.5" />
				{words}
			</button>
		);
	}
	return (
		<Link
			to={rollbackAddress(team, asked)}
			data-rollback
			data-urgent={isUrgent || undefined}
			aria-label={`Roll back ${name}…`}
			data-tip={"Roll back…\nB"}
			onPointerEnter={desk?.prepare}
			onFocus={desk?.prepare}
			onClick={(event: MouseEvent) => {
				if (!desk || event.metaKey || event.ctrlKey || event.shiftKey) return;
				event.preventDefault();
				desk.ask(asked);
			}}
			className={clsx(look, className)}
		>
			<UndoIcon className="size-3.5" />
			{words}
		</Link>
	);
}
