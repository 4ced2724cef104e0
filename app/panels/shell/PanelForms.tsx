import { type ReactNode, useEffect, useRef } from "react";
import { IconButton } from "../../ui/Button.tsx";
import { CloseIcon } from "../../ui/icons.tsx";
import type { Name, NameField } from "./filter-words.ts";
import type { FilterName } from "./handle.ts";
import { NamesForm } from "./NamesForm.tsx";
import { RangeForm } from "./RangeForm.tsx";
import { ZoneForm } from "./ZoneForm.tsx";

/** Which form, and what it needs. */
export type PanelFormProps = { close: () => void } & (
	| { kind: NameField; names: readonly Name[] }
	| { kind: "range" }
	| { kind: "zone" }
	| { kind: "sheet"; names: readonly Name[]; isUsed: (name: FilterName) => boolean }
);

/** The forms behind the buttons of the frame: one piece of script, loaded when the first of them is about to open. */
export default function PanelForms(props: PanelFormProps) {
	const box = useRef<HTMLDivElement>(null);
	useEffect(() => {
		// On a phone the focus would bring up the keyboard and cover what was opened.
		if (window.matchMedia("(pointer: fine)").matches) box.current?.querySelector<HTMLElement>("[data-first]")?.focus();
	}, []);
	return <div ref={box}>{formOf(props)}</div>;
}

function formOf(props: PanelFormProps): ReactNode {
	switch (props.kind) {
		case "range":
			return <RangeForm close={props.close} />;
		case "zone":
			return <ZoneForm close={props.close} />;
		case "sheet":
			return <Sheet {...props} />;
		default:
			return <NamesForm field={props.kind} names={props.names} close={props.close} />;
	}
}

/** All filters of a phone, one below the other. */
function Sheet({ names, isUsed, close }: { names: readonly Name[]; isUsed: (name: FilterName) => boolean; close: () => void }) {
	return (
		<div className="divide-y divide-line2">
			<div className="sticky top-0 z-10 flex items-center justify-between bg-s3 py-1 pr-2 pl-4">
				<h2 className="font-semibold">What is shown</h2>
				<IconButton name="Close" onClick={close} className="needs-script">
					<CloseIcon />
				</IconButton>
			</div>
			<section aria-label="Time range" className="p-2">
				<SheetTitle isUsed={isUsed("range")}>Time range</SheetTitle>
				<RangeForm close={close} />
			</section>
			<section aria-label="Repositories" className="p-2">
				<SheetTitle isUsed={isUsed("repo")}>Repositories</SheetTitle>
				<NamesForm field="repo" names={names} close={close} />
			</section>
			<section aria-label="Workflows" className="p-2">
				<SheetTitle isUsed={isUsed("wf")}>Workflows</SheetTitle>
				<NamesForm field="wf" names={names} close={close} />
			</section>
		</div>
	);
}

function SheetTitle({ isUsed, children }: { isUsed: boolean; children: ReactNode }) {
	return (
		<h3 className="px-2.5 py-1 text-sec font-medium text-t2">
			{children}
			{!isUsed && <span className="text-t3"> · not used here</span>}
		</h3>
	);
}
