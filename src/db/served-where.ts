import { instants, nearby, rangeIs, textIs } from './served-comparisons.js';
import type { Condition, Place } from './served-condition.js';
import { all, anyOf, sql, type Sql } from './sql-parts.js';

/** Rows `r` of one type in one place that meet every condition. */
export function fromOf(place: Place, type: string, conditions: readonly Condition[]): Sql {
  return all([
    sql('r.region = ? and r.view = ? and r.type = ?', place.region, place.view, type),
    ...conditions.map((condition) => where(condition, place, { alias: 'r', type, depth: 0 })),
  ]);
}

/** A row that conditions are about. Its type is written out wherever it is compared: a subquery that takes it from the row
 * would be run once per row. `depth` names the rows of chains apart. */
interface Row {
  readonly alias: string;
  readonly type: string;
  readonly depth: number;
}

function where(condition: Condition, place: Place, row: Row): Sql {
  const { alias, type, depth } = row;
  switch (condition.kind) {
    case 'nothing':
      return sql('false');
    case 'tokens': {
      const [first] = condition.any;
      const met =
        condition.any.length === 1
          ? sql(`${alias}.tokens @> ?::text[]`, [first])
          : sql(`${alias}.tokens && ?::text[]`, [...condition.any]);
      return condition.not ? sql(`not (${met.text})`, ...met.bindings) : met;
    }
    case 'ids':
      return sql(`${condition.not ? 'not ' : ''}(${alias}.id = any(?::text[]))`, [...condition.any]);
    case 'said': {
      const met =
        condition.how === null
          ? sql(
              `exists (select 1 from served_value v where ${ownerIs('v', alias)} and v.param = ?)`,
              place.region,
              place.view,
              type,
              condition.param,
            )
          : sql(`exists (select 1 from unnest(${alias}.tokens) t where starts_with(t, ?))`, condition.how);
      return condition.not ? sql(`not ${met.text}`, ...met.bindings) : met;
    }
    case 'updated':
      return anyOf(condition.any.map((each) => instants(`${alias}.at`, each)));
    case 'text':
      return valueWhere(
        condition.param,
        place,
        row,
        anyOf(condition.any.map((text) => textIs(condition.mode, text))),
      );
    case 'range':
      return valueWhere(condition.param, place, row, anyOf(condition.any.map(rangeIs)));
    case 'near':
      return anyOf(condition.any.map((near) => nearby(alias, near)));
    case 'reference':
      return sql(
        `exists (select 1 from served_link l where ${ownerIs('l', alias)} and l.param = ? and (${condition.any
          .map(({ type }) => (type === null ? 'l.target_id = ?' : '(l.target_type = ? and l.target_id = ?)'))
          .join(' or ')}))`,
        place.region,
        place.view,
        type,
        condition.param,
        ...condition.any.flatMap(({ type, id }) => (type === null ? [id] : [type, id])),
      );
    case 'names':
      return chained(condition, place, row);
    case 'namedBy': {
      const inner = innerWhere(condition.from, condition.conditions, place, depth + 1);
      return sql(
        `${alias}.id in (select l.target_id from served_link l join served_resource r${depth + 1} on ${inner.text}
           and r${depth + 1}.id = l.id
         where l.region = ? and l.view = ? and l.target_type = ? and l.type = ? and l.param = ?)`,
        ...inner.bindings,
        place.region,
        place.view,
        type,
        condition.from,
        condition.param,
      );
    }
  }
}

function innerWhere(type: string, conditions: readonly Condition[], place: Place, depth: number): Sql {
  const alias = `r${depth}`;
  return all([
    sql(`${alias}.region = ? and ${alias}.view = ? and ${alias}.type = ?`, place.region, place.view, type),
    ...conditions.map((condition) => where(condition, place, { alias, type, depth })),
  ]);
}

/** Levels that `:above` climbs at most: EJ, EG and internal organizations are three or four. */
const HIGHEST = 12;

function chained(condition: Extract<Condition, { kind: 'names' }>, place: Place, row: Row): Sql {
  const { alias, type } = row;
  const depth = row.depth + 1;
  const { param, target, above, conditions } = condition;
  const inner = innerWhere(target, conditions, place, depth);
  const met = sql(
    `select r${depth}.id from served_resource r${depth} where ${inner.text}`,
    ...inner.bindings,
  );
  // Above: whoever meets the conditions, and everything below it.
  const ids = above
    ? sql(
        `with recursive line (id, level) as (
           select id, 0 from (${met.text}) met
           union select l.id, line.level + 1 from line join served_link l on l.region = ? and l.view = ?
             and l.target_type = ? and l.target_id = line.id and l.type = ? and l.param = 'partof'
           where line.level < ${HIGHEST})
         select id from line`,
        ...met.bindings,
        place.region,
        place.view,
        target,
        target,
      )
    : met;
  return sql(
    `${alias}.id in (select l.id from served_link l where l.region = ? and l.view = ? and l.type = ?
       and l.param = ? and l.target_type = ? and l.target_id in (${ids.text}))`,
    place.region,
    place.view,
    type,
    param,
    target,
    ...ids.bindings,
  );
}

function ownerIs(row: string, alias: string): string {
  return `${row}.region = ? and ${row}.view = ? and ${row}.type = ? and ${row}.id = ${alias}.id`;
}

function valueWhere(param: string, place: Place, { alias, type }: Row, met: Sql): Sql {
  return sql(
    `${alias}.id in (select v.id from served_value v where v.region = ? and v.view = ? and v.type = ?
       and v.param = ? and ${met.text})`,
    place.region,
    place.view,
    type,
    param,
    ...met.bindings,
  );
}
