import { Form } from "@remix-run/react";
import { Button } from "../../ui/Button.tsx";
import { Labelled } from "../../ui/Labelled.tsx";
import { FIELD } from "../shell/fields.ts";
import type { AuditAsked } from "./audit-filter.ts";

type AuditFilterFormProps = { asked: AuditAsked; choices: { actors: { id: string; name: string | null }[]; acts: string[] } };

/** Which entries: by whom, what, when. A form that asks, so that its address can be passed on. */
export function AuditFilterForm({ asked, choices }: AuditFilterFormProps) {
	return (
		<Form
			method="get"
			aria-label="Filter entries"
			// A filter that is taken away by a link starts the fields anew.
			key={`${asked.actor} ${asked.act} ${asked.since} ${asked.until}`}
			className="grid grid-cols-2 items-end gap-3 px-3.5 pb-3 sm:flex sm:flex-wrap"
		>
			<Labelled className="min-w-0 max-w-full" words="Who">
				<select name="actor" defaultValue={asked.actor} className={FIELD}>
					<option value="">Anybody</option>
					{choices.actors.map(({ id, name }) => (
						<option key={id} value={id}>
							{name ?? id}
						</option>
					))}
				</select>
			</Labelled>
			<Labelled className="min-w-0 max-w-full" words="What">
				<select name="act" defaultValue={asked.act} className={FIELD}>
					<option value="">Anything</option>
					{choices.acts.map((act) => (
						<option key={act} value={act}>
							{act}
						</option>
					))}
				</select>
			</Labelled>
			<Labelled className="min-w-0 max-w-full" words="Since (UTC)">
				<input type="date" name="since" defaultValue={asked.since} className={FIELD} />
			</Labelled>
			<Labelled className="min-w-0 max-w-full" words="Until (UTC)">
				<input type="date" name="until" defaultValue={asked.until} className={FIELD} />
			</Labelled>
			<Button type="submit" className="max-sm:col-span-2">
				Show
			</Button>
		</Form>
	);
}
