// Numbers, geometry, lists: lodash, d3, three, mathjs, date-fns, luxon.
import * as d3 from 'd3';
import * as dates from 'date-fns';
import { de, enGB, fr } from 'date-fns/locale';
import _ from 'lodash-es';
import { DateTime, Duration, Interval } from 'luxon';
import { all, create } from 'mathjs';
import * as THREE from 'three';
import chunks, { once, pipe, sum } from './lists';

const people = Array.from({ length: 40 }, (_unused, index) => ({
  name: `person ${index}`,
  age: (index * 7) % 60,
  tags: ['a', 'b', 'c'].slice(index % 3),
  born: new Date(1980 + (index % 30), index % 12, 1 + (index % 28)),
}));

function lodash(): void {
  _.chain(people).groupBy('age').mapValues((group) => _.sumBy(group, 'age')).toPairs().sortBy(0).value();
  _.merge({}, { a: { b: [1, 2, { c: 3 }] } }, { a: { b: [4, 5, { d: 6 }] } });
  _.cloneDeep(people);
  _.isEqual(people, _.cloneDeep(people));
  _.debounce(() => 1, 1)();
  _.throttle(() => 1, 1)();
  _.template('<% _.forEach(people, p => { %><%- p.name %><% }) %>')({ people, _ });
  _.orderBy(people, ['age', 'name'], ['asc', 'desc']);
  _.camelCase('some long name'), _.kebabCase('someLongName'), _.startCase('some name'), _.deburr('é');
  _.uniqWith([{ a: 1 }, { a: 1 }], _.isEqual), _.differenceBy(people, people.slice(3), 'name');
  _.set({}, 'a.b[0].c', 1), _.get(people, '[0].tags[1]'), _.pick(people[0], ['name']), _.omit(people[0], 'age');
  _.curry((a: number, b: number) => a + b)(1)(2), _.memoize((a: number) => a)(1), _.flow(_.trim, _.upperCase)(' a ');
  _.zipObjectDeep(['a.b', 'a.c'], [1, 2]), _.words('one two'), _.truncate('a'.repeat(100)), _.pad('a', 9), _.escape('<');
  _.intersectionWith([1, 2], [2], _.eq), _.partition(people, 'age'), _.keyBy(people, 'name'), _.xor([1], [2]), _.random(3);
  _.invokeMap([[2, 1]], 'sort'), _.transform([1, 2], (all: number[], n) => all.push(n)), _.findLastIndex(people, { age: 7 });
  _.mapKeys({ a: 1 }, (_v, k) => k + 'x'), _.range(10).map(_.unary(parseInt as never)), _.bind(function (this: object) { return Object.keys(this); }, {})();
  _.toString([1, [2, 3]]), _.toNumber('3'), _.inRange(3, 2), _.isMatch({ a: 1 }, { a: 1 }), _.defaultsDeep({}, { a: { b: 1 } });
}

function charts(): void {
  const scale = d3.scaleLinear().domain(d3.extent(people, (p) => p.age) as [number, number]).range([0, 500]).nice();
  scale.ticks(7).map(scale.tickFormat(7, '.2f'));
  d3.scaleTime().domain([new Date(2020, 0), new Date(2024, 5)]).ticks(9).map(d3.timeFormat('%Y-%m-%d %B'));
  d3.scaleBand().domain(people.map((p) => p.name)).range([0, 100]).padding(0.2)('person 3');
  d3.line<(typeof people)[0]>().x((p) => scale(p.age)).y((_p, i) => i).curve(d3.curveCatmullRom)(people);
  d3.area<(typeof people)[0]>().x((p) => p.age).y1((p) => p.age * 2).curve(d3.curveMonotoneX)(people);
  d3.pie<number>().value((n) => n)([1, 2, 3]).map(d3.arc<d3.PieArcDatum<number>>().innerRadius(1).outerRadius(9).cornerRadius(1));
  const root = d3.stratify<{ id: string; up: string }>().id((d) => d.id).parentId((d) => d.up)([
    { id: 'a', up: '' }, { id: 'b', up: 'a' }, { id: 'c', up: 'a' }, { id: 'd', up: 'b' }, { id: 'e', up: 'b' },
  ]);
  d3.tree<{ id: string }>().size([100, 100])(root as never);
  d3.cluster<{ id: string }>()(root as never);
  d3.treemap<{ id: string }>().size([9, 9]).tile(d3.treemapSquarify)(root.sum(() => 2) as never);
  d3.pack<{ id: string }>().size([9, 9])(root.sum(() => 2) as never);
  d3.partition<{ id: string }>()(root as never);
  const nodes: d3.SimulationNodeDatum[] = people.slice(0, 12).map((p) => ({ index: p.age }));
  d3.forceSimulation(nodes).force('charge', d3.forceManyBody()).force('center', d3.forceCenter(1, 1))
    .force('link', d3.forceLink(d3.pairs(nodes.slice(0, 5), (a, b) => ({ source: a, target: b })))).force('collide', d3.forceCollide(3)).stop().tick(5);
  d3.geoPath(d3.geoMercator())({ type: 'LineString', coordinates: [[0, 0], [10, 50], [100, 20]] });
  d3.geoPath(d3.geoAlbersUsa())({ type: 'Polygon', coordinates: [[[-90, 40], [-80, 40], [-80, 30], [-90, 40]]] });
  d3.geoGraticule10(), d3.geoCentroid({ type: 'Point', coordinates: [1, 2] });
  d3.rollup(people, (v) => d3.mean(v, (p) => p.age), (p) => p.age % 3), d3.bin()([1, 2, 3, 4, 5]);
  d3.contours().size([4, 4])(Array.from({ length: 16 }, (_u, i) => i % 5)), d3.Delaunay.from([[0, 0], [1, 5], [3, 3], [4, 1]]).voronoi([0, 0, 9, 9]).render();
  d3.chord()([[1, 2], [3, 4]]).map(d3.ribbon().radius(3) as never), d3.csvParse('a,b\n1,2\n'), d3.csvFormat([{ a: 1 }]);
  d3.interpolateRgb('red', 'blue')(0.5), d3.interpolateString('1px', '20px')(0.3), d3.hsl('steelblue').brighter().formatHsl(), d3.lab('#abc').formatHex();
  d3.quadtree<[number, number]>().addAll([[1, 2], [3, 4], [5, 1]]).find(2, 2), d3.format('$,.2~f')(12345.678), d3.dispatch('a').on('a', () => Math.abs(1)).call('a');
}

function space(): void {
  const scene = new THREE.Scene();
  const shapes = [new THREE.BoxGeometry(1, 2, 3), new THREE.SphereGeometry(1), new THREE.TorusKnotGeometry(), new THREE.IcosahedronGeometry(1, 2), new THREE.CylinderGeometry(), new THREE.LatheGeometry([new THREE.Vector2(0, 1), new THREE.Vector2(1, 2)])];
  for (const shape of shapes) {
    const mesh = new THREE.Mesh(shape, new THREE.MeshStandardMaterial({ color: 'red' }));
    mesh.rotation.set(0.1, 0.2, 0.3);
    scene.add(mesh);
    shape.computeBoundingSphere(), shape.computeVertexNormals(), shape.computeBoundingBox();
  }
  scene.updateMatrixWorld(true);
  new THREE.Raycaster(new THREE.Vector3(0, 0, 9), new THREE.Vector3(0, 0, -1)).intersectObjects(scene.children);
  JSON.stringify(scene.toJSON());
  new THREE.ObjectLoader().parse(scene.toJSON());
  const shape = new THREE.Shape().moveTo(0, 0).bezierCurveTo(1, 2, 3, 4, 5, 5).absarc(1, 1, 2, 0, 3).lineTo(0, 0);
  new THREE.ExtrudeGeometry(shape as never, { depth: 2, bevelSegments: 2 }), new THREE.ShapeGeometry(shape as never);
  const curve = new THREE.CatmullRomCurve3([new THREE.Vector3(), new THREE.Vector3(1, 2, 3), new THREE.Vector3(4, 1, 0)]);
  curve.getSpacedPoints(9), curve.computeFrenetFrames(4), new THREE.TubeGeometry(curve);
  const clip = new THREE.AnimationClip('a', 2, [new THREE.VectorKeyframeTrack('.position', [0, 1], [0, 0, 0, 1, 1, 1]), new THREE.QuaternionKeyframeTrack('.quaternion', [0, 1], [0, 0, 0, 1, 0, 1, 0, 0])]);
  const mixer = new THREE.AnimationMixer(scene.children[0] as never);
  mixer.clipAction(clip).play(), mixer.update(0.3), clip.optimize();
  new THREE.Color('hsl(10, 50%, 40%)').getHSL({ h: 0, s: 0, l: 0 }), new THREE.PerspectiveCamera().updateProjectionMatrix();
  new THREE.Matrix4().makeRotationFromEuler(new THREE.Euler(1, 2, 3)).invert().decompose(new THREE.Vector3(), new THREE.Quaternion(), new THREE.Vector3());
}

function maths(): void {
  const math = create(all);
  const parser = math.parser();
  for (const line of ['f(x, y) = x^y + sin(x)', 'f(2, 3)', 'A = [1, 2; 3, 4]', 'inv(A) * A', 'det(A)', '5 cm to inch', 'sqrt(-4)', 'B = A .* 3', 'eigs(A)', 'lusolve(A, [1; 2])', '1/3 + 2/7', 'mean([1,2,3])', 'a = {b: 3}', 'a.b ? 3 : 4', '3 > 2 and true', 'range(1, 10, 2)', 'sort([3,1,2])']) {
    try {
      parser.evaluate(line);
    } catch (error) {
      String(error).slice(0, 3);
    }
  }
  math.simplify('2x + 3x + 0').toString(), math.derivative('x^3 + sin(x)', 'x').toTex(), math.parse('a * (b + 2)').toString();
  math.format(math.bignumber('1.23456789').pow(3), 5), math.fraction(1, 3), math.unit('3 kg m / s^2').toString(), math.matrix([[1, 2]], 'sparse').toString();
}

function calendar(): void {
  const day = new Date(2024, 1, 29, 13, 5);
  for (const locale of [enGB, de, fr]) {
    dates.format(day, "EEEE, do MMMM yyyy 'at' HH:mm:ss.SSS xxx", { locale }), dates.formatDistance(day, dates.addDays(day, 40), { locale, addSuffix: true }), dates.formatRelative(dates.subDays(day, 2), day, { locale });
  }
  dates.parse('29.02.2024 13:05', 'dd.MM.yyyy HH:mm', day), dates.parseISO('2024-02-29T13:05:00Z'), dates.intervalToDuration({ start: day, end: dates.addMonths(day, 5) });
  dates.eachDayOfInterval({ start: day, end: dates.addWeeks(day, 1) }).map((each) => dates.getISOWeek(each)), dates.differenceInBusinessDays(dates.addDays(day, 30), day), dates.formatDuration({ hours: 3 });
  const now = DateTime.fromISO('2024-02-29T13:05:00', { zone: 'Europe/Berlin' });
  now.plus({ months: 1, days: 3 }).toFormat('cccc d LLLL yyyy HH:mm ZZZZ'), now.startOf('week').toISO(), now.setLocale('de').toLocaleString(DateTime.DATETIME_FULL), DateTime.fromFormat('3 March 2021', 'd LLLL yyyy').toRelative();
  Interval.after(now, { hours: 30 }).splitBy({ hours: 7 }).map((each) => each.toISO()), Duration.fromObject({ hours: 50 }).normalize().toHuman(), now.diff(now.minus({ days: 400 }), ['years', 'days']).toObject();
}

export const steps = {
  lodash,
  charts,
  space,
  maths,
  calendar,
  lists: () => {
    const twice = once(() => sum(chunks([1, 2, 3, 4, 5], 2).map(pipe<number[]>((list) => list.concat(1)).length ? sum : sum)));
    return pipe<number>((n) => Math.floor(n), (n) => Math.max(n, twice()))(3.5);
  },
};
