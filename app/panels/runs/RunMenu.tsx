import type { RunRow } from "#worker/wire/live";
import { safeHref } from "../../format/link.ts";
import { ChartIcon, InfoIcon, LeavesIcon, LinkIcon } from "../../ui/icons.tsx";
import { RowMenu, type RowMenuItem } from "../../ui/RowMenu.tsx";
import { useToast } from "../../ui/Toast.tsx";

/** What can be done with a run of a list. */
export function RunMenu({ run, page, panel }: { run: RunRow; page: string; panel: string }) {
	const toast = useToast();
	const there = safeHref(run.url);
	const items: RowMenuItem[] = [
		{ label: "Open run page", Icon: ChartIcon, href: page },
		there === null
			? { label: "Open where it ran", Icon: LeavesIcon, disabled: true, why: "Its sender gave no address." }
			: { label: "Open where it ran", Icon: LeavesIcon, href: there },
		{
			label: "Copy link",
			Icon: LinkIcon,
			onSelect: () => {
				// Over plain http there is no clipboard; the run's page has its address in the address bar.
				void navigator.clipboard?.writeText(new URL(page, location.href).href).then(() => toast({ text: "Link copied" }));
			},
		},
		{ label: "Raw payload", Icon: InfoIcon, href: `${panel}#raw` },
	];
	return <RowMenu name={`More about ${run.workflow}`} items={items} />;
}
