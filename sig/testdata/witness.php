<?php
// A second opinion on pg_sig: both PHP routines, run by PHP itself.
//
// Reads one JSON object per line and writes one per line. A message is a list of
// [name, value] and [name, [...]] pairs.
//
//   {"message": [...], "script": "...", "secret": "..."}
//       -> {"documented": R, "reference": R}, R = {"names": [...], "string": "...", "md5": "...", "lost": n}
//   {"keys": ["0", "a", ...]}
//       -> {"integer": [true, false, ...], "version": 80200}
//
// "lost" counts the values that disappear because two fields have one sort name: PHP arrays
// cannot hold both.

// Tags is a message in which names repeat, as XML has it and no PHP array can.
final class Tags implements IteratorAggregate
{
    public function __construct(private array $pairs) {}

    public function getIterator(): Iterator
    {
        foreach ($this->pairs as [$name, $value]) {
            yield array_key_first([$name => null]) => $value; // the key that PHP makes of it
        }
    }

    public function without(string $name): Tags
    {
        return new Tags(array_values(array_filter($this->pairs, fn ($pair) => $pair[0] !== $name)));
    }
}

// fields returns pairs as an ordinary array, or as Tags where a name repeats.
function fields(array $pairs): array|Tags
{
    $array = [];
    foreach ($pairs as $i => [$name, $value]) {
        $pairs[$i][1] = is_array($value) ? fields($value) : $value;
        $array[$name] = $pairs[$i][1];
    }
    return count($array) === count($pairs) ? $array : new Tags($pairs);
}

// flatten gives every value its sort name. $official is the later class: an item's counter
// takes the place of its list's, and pg_sig is passed over.
function flatten(iterable $fields, bool $official, string $parent, int &$lost): array
{
    $flat = [];
    $i = 0;
    foreach ($fields as $key => $value) {
        $i++;
        if ($official && $key === 'pg_sig') {
            continue;
        }
        $name = $official && is_int($key)
            ? substr($parent, 0, -3) . sprintf('%03d', $i)
            : $parent . $key . sprintf('%03d', $i);
        $more = is_iterable($value) ? flatten($value, $official, $name, $lost) : [$name => (string) $value];
        $lost += count(array_intersect_key($flat, $more));
        $flat = is_iterable($value) ? array_merge($flat, $more) : $flat + $more;
    }
    return $flat;
}

function sign(iterable $fields, bool $official, string $script, string $secret): array
{
    $lost = 0;
    $flat = flatten($fields, $official, '', $lost);
    ksort($flat);
    $string = implode(';', [$script, ...array_values($flat), $secret]);
    return [
        'names' => array_map('strval', array_keys($flat)),
        'string' => $string,
        'md5' => md5($string),
        'lost' => $lost,
    ];
}

while (($line = fgets(STDIN)) !== false) {
    $in = json_decode($line, true, 512, JSON_THROW_ON_ERROR);
    if (isset($in['keys'])) {
        $out = [
            'integer' => array_map(fn ($key) => is_int(array_key_first([$key => null])), $in['keys']),
            'version' => PHP_VERSION_ID,
        ];
    } else {
        $fields = fields($in['message']);
        $own = $fields; // a caller of the documented routine takes its pg_sig out first
        if (is_array($own)) {
            unset($own['pg_sig']);
        } else {
            $own = $own->without('pg_sig');
        }
        $out = [
            'documented' => sign($own, false, $in['script'], $in['secret']),
            'reference' => sign($fields, true, $in['script'], $in['secret']),
        ];
    }
    echo json_encode($out, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR), "\n";
}
