// The fault tables wait most of their time: for backoffs, probes and answers that do not come.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
