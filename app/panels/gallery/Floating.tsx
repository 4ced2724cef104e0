import { Link, useSearchParams } from "@remix-run/react";
import { useState } from "react";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { LinkIcon, RerunIcon } from "../../ui/icons.tsx";
import { TrashIcon } from "../../ui/icons-more.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { RowMenu } from "../../ui/RowMenu.tsx";
import { SidePanel } from "../../ui/SidePanel.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { Part, Surface } from "./Part.tsx";

const MUCH = Array.from({ length: 40 }, (_, index) => `Line ${index + 1} of something long enough to scroll inside the dialog.`);

/** What opens above the page. */
export function Floating() {
	const [dialog, setDialog] = useState<"narrow" | "wide" | null>(null);
	const [params] = useSearchParams();
	const toast = useToast();
	return (
		<>
			<Part name="Dialogs, panel, toast">
				<Surface>
					<Button onClick={() => setDialog("narrow")}>Delete webhook…</Button>
					<Button onClick={() => setDialog("wide")}>Show payload…</Button>
					<Link to="?panel=1" preventScrollReset className={buttonClass()}>
						Open panel
					</Link>
					<Button onClick={() => toast({ text: "Muted until 04:00", undo: () => toast({ text: "Not muted any more" }) })}>Mute</Button>
				</Surface>
			</Part>
			<Part name="Menus and tips">
				<Surface>
					<Menu opener="Team" openerClass={buttonClass()} panelClass="left-0 mt-1 w-44">
						<a href="/dev/ui" className="target flex h-8 items-center rounded-ctl px-2.5 text-body hover:bg-s2">
							Acme
						</a>
					</Menu>
					<RowMenu
						name="More for run 214"
						items={[
							{ label: "Copy link", Icon: LinkIcon, onSelect: () => toast({ text: "Link copied" }) },
							{ label: "Open at GitHub", href: "https://github.com/" },
							{ label: "Run again", Icon: RerunIcon, disabled: true, why: "Needs Member. You are Viewer." },
							{ label: "Delete", Icon: TrashIcon, danger: true },
						]}
					/>
					<Button data-tip={"Fri 20 Nov 2026, 03:07:20 UTC\n04:07:20 in Berlin\n2026-11-20T03:07:20Z"}>A tip of three lines</Button>
					<Button data-tip="Group by hour">A short tip</Button>
				</Surface>
			</Part>
			<Dialog
				open={dialog === "narrow"}
				onOpenChange={() => setDialog(null)}
				title="Delete the webhook of acme/checkout-api?"
				description="GitHub is told nothing; its deliveries are refused from now on."
				footer={
					<>
						<Button onClick={() => setDialog(null)}>Keep</Button>
						<Button tone="danger" onClick={() => setDialog(null)}>
							Delete webhook
						</Button>
					</>
				}
			>
				<p className="text-body text-t2">48,210 runs stay.</p>
			</Dialog>
			<Dialog open={dialog === "wide"} onOpenChange={() => setDialog(null)} title="Payload" wide>
				{MUCH.map((line) => (
					<p key={line} className="font-mono text-mono">
						{line}
					</p>
				))}
			</Dialog>
			{params.has("panel") && (
				<SidePanel title="build-and-test #214" closeHref="/dev/ui" fullHref="/dev/ui" fullWord="Open run">
					<p className="text-body text-t2">The page beside it goes on living.</p>
				</SidePanel>
			)}
		</>
	);
}
