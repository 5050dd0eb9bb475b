using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Muniment.Events.Hashing;

/// <summary>SHA-256's compression function over 8 independent messages at once, one a lane (AVX2).</summary>
internal static unsafe class Sha256Lanes8
{
    /// <summary>Messages at once.</summary>
    public const int Lanes = 8;

    /// <summary>Whether this machine can.</summary>
    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>Feeds <paramref name="blockCount"/> blocks of each lane, moving the lanes' pointers on.</summary>
    /// <param name="state">8 words × 8 lanes; word i of lane j lies at i·8+j.</param>
    /// <param name="blocks">8 pointers to 64-byte blocks.</param>
    /// <param name="blockCount">Blocks that each lane has left at least.</param>
    [SkipLocalsInit]
    public static void Compress(uint* state, byte** blocks, int blockCount)
    {
        byte* room = stackalloc byte[17 * 32];
        Vector256<uint>* w = (Vector256<uint>*)(((nuint)room + 31) & ~(nuint)31);
        fixed (uint* k = Sha256Constants.K)
        {
            Vector256<uint> a0 = Vector256.Load(state + 0);
            Vector256<uint> b0 = Vector256.Load(state + 8);
            Vector256<uint> c0 = Vector256.Load(state + 16);
            Vector256<uint> d0 = Vector256.Load(state + 24);
            Vector256<uint> e0 = Vector256.Load(state + 32);
            Vector256<uint> f0 = Vector256.Load(state + 40);
            Vector256<uint> g0 = Vector256.Load(state + 48);
            Vector256<uint> h0 = Vector256.Load(state + 56);
            for (; blockCount > 0; blockCount--)
            {
                Load(w, blocks);
                Vector256<uint> a = a0, b = b0, c = c0, d = d0, e = e0, f = f0, g = g0, h = h0;
                for (int i = 0; i < 64; i += 8)
                {
                    if (i >= 16)
                    {
                        Expand(w, i & 8);
                    }

                    Vector256<uint>* p = w + (i & 8);
                    h += Sum1(e) + Choose(e, f, g) + p[0] + Vector256.Create(k[i + 0]);
                    d += h;
                    h += Sum0(a) + Majority(a, b, c);
                    g += Sum1(d) + Choose(d, e, f) + p[1] + Vector256.Create(k[i + 1]);
                    c += g;
                    g += Sum0(h) + Majority(h, a, b);
                    f += Sum1(c) + Choose(c, d, e) + p[2] + Vector256.Create(k[i + 2]);
                    b += f;
                    f += Sum0(g) + Majority(g, h, a);
                    e += Sum1(b) + Choose(b, c, d) + p[3] + Vector256.Create(k[i + 3]);
                    a += e;
                    e += Sum0(f) + Majority(f, g, h);
                    d += Sum1(a) + Choose(a, b, c) + p[4] + Vector256.Create(k[i + 4]);
                    h += d;
                    d += Sum0(e) + Majority(e, f, g);
                    c += Sum1(h) + Choose(h, a, b) + p[5] + Vector256.Create(k[i + 5]);
                    g += c;
                    c += Sum0(d) + Majority(d, e, f);
                    b += Sum1(g) + Choose(g, h, a) + p[6] + Vector256.Create(k[i + 6]);
                    f += b;
                    b += Sum0(c) + Majority(c, d, e);
                    a += Sum1(f) + Choose(f, g, h) + p[7] + Vector256.Create(k[i + 7]);
                    e += a;
                    a += Sum0(b) + Majority(b, c, d);
                }

                a0 += a;
                b0 += b;
                c0 += c;
                d0 += d;
                e0 += e;
                f0 += f;
                g0 += g;
                h0 += h;
            }

            a0.Store(state + 0);
            b0.Store(state + 8);
            c0.Store(state + 16);
            d0.Store(state + 24);
            e0.Store(state + 32);
            f0.Store(state + 40);
            g0.Store(state + 48);
            h0.Store(state + 56);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Expand(Vector256<uint>* w, int from)
    {
        for (int i = from; i < from + 8; i++)
        {
            w[i] += Small0(w[(i + 1) & 15]) + w[(i + 9) & 15] + Small1(w[(i + 14) & 15]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Sum0(Vector256<uint> x) => Rotate(x, 2) ^ Rotate(x, 13) ^ Rotate(x, 22);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Sum1(Vector256<uint> x) => Rotate(x, 6) ^ Rotate(x, 11) ^ Rotate(x, 25);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Small0(Vector256<uint> x) => Rotate(x, 7) ^ Rotate(x, 18) ^ (x >>> 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Small1(Vector256<uint> x) => Rotate(x, 17) ^ Rotate(x, 19) ^ (x >>> 10);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Choose(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) => z ^ (x & (y ^ z));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Majority(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) => (x & y) | (z & (x | y));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotate(Vector256<uint> x, [ConstantExpected] byte count) => (x >>> count) | (x << (32 - count));

    // Word j of each lane's block becomes vector j: two 8 × 8 transpositions of big-endian words.
    private static void Load(Vector256<uint>* w, byte** blocks)
    {
        for (int half = 0; half < 16; half += 8)
        {
            Vector256<uint> r0 = Take(blocks[0], half), r1 = Take(blocks[1], half), r2 = Take(blocks[2], half), r3 = Take(blocks[3], half);
            Vector256<uint> r4 = Take(blocks[4], half), r5 = Take(blocks[5], half), r6 = Take(blocks[6], half), r7 = Take(blocks[7], half);
            Vector256<ulong> a = Avx2.UnpackLow(r0, r1).AsUInt64(), b = Avx2.UnpackHigh(r0, r1).AsUInt64();
            Vector256<ulong> c = Avx2.UnpackLow(r2, r3).AsUInt64(), d = Avx2.UnpackHigh(r2, r3).AsUInt64();
            Vector256<ulong> e = Avx2.UnpackLow(r4, r5).AsUInt64(), f = Avx2.UnpackHigh(r4, r5).AsUInt64();
            Vector256<ulong> g = Avx2.UnpackLow(r6, r7).AsUInt64(), h = Avx2.UnpackHigh(r6, r7).AsUInt64();
            Join(w + half, Avx2.UnpackLow(a, c), Avx2.UnpackLow(e, g));
            Join(w + half + 1, Avx2.UnpackHigh(a, c), Avx2.UnpackHigh(e, g));
            Join(w + half + 2, Avx2.UnpackLow(b, d), Avx2.UnpackLow(f, h));
            Join(w + half + 3, Avx2.UnpackHigh(b, d), Avx2.UnpackHigh(f, h));
        }

        for (int lane = 0; lane < Lanes; lane++)
        {
            blocks[lane] += Sha256Constants.BlockSizeBytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Take(byte* block, int word)
    {
        Vector256<byte> swap = Vector256.Create(0x00010203u, 0x04050607, 0x08090a0b, 0x0c0d0e0f, 0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f).AsByte();
        return Avx2.Shuffle(Vector256.Load(block + (4 * word)), swap).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Join(Vector256<uint>* w, Vector256<ulong> low, Vector256<ulong> high)
    {
        w[0] = Avx2.Permute2x128(low, high, 0x20).AsUInt32();
        w[4] = Avx2.Permute2x128(low, high, 0x31).AsUInt32();
    }
}
