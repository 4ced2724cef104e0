import { useParams } from "@remix-run/react";
import type { DeploymentRow } from "#worker/wire/deployments";
import { safeHref } from "../../format/link.ts";
import { LeavesIcon, LinkIcon, RocketIcon } from "../../ui/icons.tsx";
import { ServerIcon, UndoIcon } from "../../ui/icons-more.tsx";
import { RowMenu, type RowMenuItem } from "../../ui/RowMenu.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { rollbackAddress } from "../rollback/RollBackButton.tsx";
import { useRollbackDesk } from "../rollback/rollback-book.ts";
import { deployAddress, environmentAddress, rollbackPage } from "./addresses.ts";
import type { Refusal } from "./EnvironmentCard.tsx";

/** What can be done with a deployment of a list. */
export function DeploymentMenu({ row, page, refusal }: { row: DeploymentRow; page: string; refusal: Refusal }) {
	const { team = "-" } = useParams();
	const desk = useRollbackDesk();
	const toast = useToast();
	const there = safeHref(row.url);
	const asked = { environmentId: row.environmentId, component: row.component, to: row.id };
	const back: RowMenuItem =
		refusal !== null
			? { label: "Roll back to this…", Icon: UndoIcon, disabled: true, why: refusal.why }
			: row.status !== "success"
				? { label: "Roll back to this…", Icon: UndoIcon, disabled: true, why: "It never succeeded." }
				: desk
					? { label: "Roll back to this…", Icon: UndoIcon, onSelect: () => desk.ask(asked) }
					: { label: "Roll back to this…", Icon: UndoIcon, href: rollbackAddress(team, asked) };
	const items: RowMenuItem[] = [
		{ label: "What changed", Icon: RocketIcon, href: page },
		{ label: `Open ${row.environment}`, Icon: ServerIcon, href: environmentAddress(team, row.environmentId) },
		back,
		{
			label: "Deploy this again…",
			Icon: RocketIcon,
			href: deployAddress(team, { component: row.component, version: row.version, environment: row.environment }),
		},
		...(row.rollbackId === null ? [] : [{ label: "Open the rollback", Icon: UndoIcon, href: rollbackPage(team, row.rollbackId) }]),
		there === null
			? { label: "Open where it ran", Icon: LeavesIcon, disabled: true, why: "Its sender gave no address." }
			: { label: "Open where it ran", Icon: LeavesIcon, href: there },
		{
			label: "Copy link",
			Icon: LinkIcon,
			onSelect: () => {
				// Over plain http there is no clipboard; the page has its address in the address bar.
				void navigator.clipboard?.writeText(new URL(page, location.href).href).then(() => toast({ text: "Link copied" }));
			},
		},
	];
	return <RowMenu name={`More about ${row.component} ${row.version} in ${row.environment}`} items={items} />;
}
