import { Form, Link, useLocation, useNavigate, useNavigation } from "@remix-run/react";
import { useEffect, useId, useRef, useState } from "react";
import type { IntegrationReport } from "#worker/domains/integrations/model";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { StopIcon } from "../../ui/icons.tsx";
import { Labelled } from "../../ui/Labelled.tsx";
import { FIELD } from "../shell/fields.ts";
import { useRefusal } from "../shell/use-refusal.ts";
import { type Act, type ActOutcome, searchForAct } from "./acts.ts";
import { disablingOf, removalOf, rotationOf, senderOf } from "./words.ts";

type AskedOf = { act: Act; report: IntegrationReport /** Why the last try failed. */; refused: Extract<ActOutcome, { ok: false }> | null };

/** Asks before something is done with an integration: a dialog where scripts run, the same form in the card where they do not. */
export function ActForm({ act, report, refused }: AskedOf) {
	const navigate = useNavigate();
	const { pathname, search } = useLocation();
	const [isScripted, setIsScripted] = useState(false);
	useEffect(() => setIsScripted(true), []);
	const back = { pathname, search: searchForAct(new URLSearchParams(search), null) };
	const { title, description } = askOf(act, report);
	const form = <Fields act={act} report={report} refused={refused} back={back} isScripted={isScripted} />;
	if (isScripted) {
		return (
			<Dialog open onOpenChange={() => navigate(back, { preventScrollReset: true, replace: true })} title={title} description={description}>
				{form}
			</Dialog>
		);
	}
	return (
		<section aria-label={title} className="border-t border-line bg-s2 px-3.5 py-3">
			<h3 className="text-body font-semibold">{title}</h3>
			<p className="mt-0.5 text-body text-t2">{description}</p>
			{form}
		</section>
	);
}

function askOf(act: Act, { name, source, perHour, secretSlots }: IntegrationReport): { title: string; description: string } {
	switch (act) {
		case "rename":
			return { title: `Rename ${name}`, description: "The name is for this team only; its address and secret stay." };
		case "rotate":
			return {
				title: `Rotate the secret of ${name}?`,
				description: rotationOf(secretSlots),
			};
		case "disable":
			return { title: `Disable ${name}?`, description: disablingOf(senderOf(source), perHour) };
		case "enable":
			return {
				title: `Enable ${name}?`,
				description: "Deliveries are taken again. What was refused meanwhile is not sent again by itself.",
			};
		case "remove":
			return { title: `Remove ${name}?`, description: "This cannot be undone." };
	}
}

const VERBS: Record<Act, string> = {
	rename: "Rename integration",
	rotate: "Rotate secret",
	disable: "Disable integration",
	enable: "Enable integration",
	remove: "Remove integration",
};

type FieldsProps = AskedOf & { back: { pathname: string; search: string }; isScripted: boolean };

function Fields({ act, report, refused, back, isScripted }: FieldsProps) {
	const [typed, setTyped] = useState("");
	const told = useId();
	const why = useId();
	const first = useRef<HTMLInputElement>(null);
	// In a dialog the field to fill is where one begins, not its close button.
	useEffect(() => {
		if (isScripted) first.current?.focus();
	}, [isScripted]);
	const navigation = useNavigation();
	const isBusy = navigation.state !== "idle" && navigation.formData?.get("act") === act;
	// Without scripts the server compares; a button that nothing can enable would be a dead end.
	const offline = useRefusal(null);
	const isBlocked = offline !== null || (act === "remove" && isScripted && typed.trim() !== report.name);
	return (
		<Form method="post" action={back.pathname + back.search} preventScrollReset className="mt-2 flex flex-col gap-3">
			<input type="hidden" name="act" value={act} />
			<input type="hidden" name="id" value={report.id} />
			{act === "rename" && (
				<Labelled words="Name">
					<input
						ref={first}
						name="name"
						defaultValue={report.name}
						required
						maxLength={80}
						autoComplete="off"
						aria-describedby={told}
						className={FIELD}
					/>
				</Labelled>
			)}
			{act === "remove" && (
				<>
					<ul className="list-disc space-y-0.5 pl-4 text-body text-t2">
						{removalOf(report).map((sentence) => (
							<li key={sentence}>{sentence}</li>
						))}
					</ul>
					<Labelled words={`Type ${report.name} to confirm`}>
						<input
							ref={first}
							name="confirm"
							value={typed}
							onChange={(event) => setTyped(event.target.value)}
							required
							autoComplete="off"
							spellCheck={false}
							aria-describedby={told}
							className={FIELD}
						/>
					</Labelled>
				</>
			)}
			<p id={told} role="alert" className="text-body text-bad empty:hidden">
				{refused && (
					<>
						<StopIcon className="mr-1.5 inline size-4 align-text-bottom" />
						{refused.told} <code className="font-mono text-sec text-t3">req {refused.requestId}</code>
					</>
				)}
			</p>
			<p id={why} role="status" className="text-body text-t2 empty:hidden">
				{offline}
			</p>
			<div className="flex flex-wrap justify-end gap-2">
				<Link to={back} preventScrollReset replace className={buttonClass()}>
					Cancel
				</Link>
				<Button
					type="submit"
					tone={act === "remove" ? "danger" : "primary"}
					busy={isBusy}
					aria-disabled={isBlocked || undefined}
					aria-describedby={why}
				>
					{VERBS[act]}
				</Button>
			</div>
		</Form>
	);
}
